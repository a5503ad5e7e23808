@{
    # Core or Desktop, as the folders are named. Shells run this file at each import: an if here costs 5 ms more, and names below without commas 3.
    RootModule             = "$PSEdition/RunCloud.PowerShell.dll"
    ModuleVersion          = '0.1.0'
    GUID                   = '7d2c5d0e-3c55-4a59-9d0f-6a1c58a0f3b1'
    Author                 = 'RunCloud.PowerShell contributors'
    CompanyName            = 'RunCloud.PowerShell contributors'
    Copyright              = '(c) RunCloud.PowerShell contributors. MIT licence.'
    Description            = 'Finds and revokes SSH keys across every server of a RunCloud workspace: audit, rehearse with -WhatIf, remove, and prove it.'
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions   = @('Core', 'Desktop')
    FormatsToProcess       = @('RunCloud.PowerShell.format.ps1xml')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Add-RunCloudSshCredential',
        'Connect-RunCloud',
        'Disconnect-RunCloud',
        'Get-RunCloudContext',
        'Get-RunCloudServer',
        'Get-RunCloudSshCredential',
        'Get-RunCloudSshKey',
        'Get-RunCloudSshSession',
        'Get-RunCloudSshSetting',
        'Get-RunCloudSystemUser',
        'Invoke-RunCloudApi',
        'Remove-RunCloudSshCredential',
        'Revoke-RunCloudSshKey',
        'Select-RunCloudContext',
        'Set-RunCloudSshSetting',
        'Test-RunCloudConnection',
        'Test-RunCloudSshAccess',
        'Test-RunCloudSshKey',
        'Update-RunCloudSshKey'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @('RunCloud', 'SSH', 'Security', 'Audit', 'PSEdition_Core', 'PSEdition_Desktop', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}

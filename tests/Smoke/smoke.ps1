#requires -Version 5.1

<#
.SYNOPSIS
    Imports the staged module into this very shell and does the main job against the simulator. Run `dotnet build` first.
.DESCRIPTION
    For shells that the test suite can't host, Windows PowerShell 5.1 above all. Only commands that both editions have are used.
    Throws at the first thing that is not as it should be, so that the shell ends with an exit code other than 0.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Assert-That {
    param([bool] $Holds, [string] $Claim)
    if (-not $Holds) { throw "Not so: $Claim" }
    "ok: $Claim"
}

$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$program = [IO.Path]::Combine($root, 'tests', 'RunCloud.Simulator', 'bin', 'Debug', 'net10.0', 'RunCloud.Simulator.dll')
$saved = [IO.Path]::GetTempFileName()
$folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), [IO.Path]::GetRandomFileName())).FullName
$before = @($env:RUNCLOUD_API_ENDPOINT, $env:RUNCLOUD_API_TOKEN)

"PowerShell $($PSVersionTable.PSVersion) ($($PSVersionTable.PSEdition))"
$start = New-Object Diagnostics.ProcessStartInfo -ArgumentList 'dotnet', ('"{0}" --servers 45 --offline 0 --unparsable 0' -f $program)
$start.UseShellExecute = $false
$start.RedirectStandardOutput = $true
$simulator = [Diagnostics.Process]::Start($start)
try {
    # It tells its address, its token and the leaked key, in lines of a name and a value, as soon as it listens.
    $told = @{}
    while (-not ($told.ContainsKey('leaked key'))) {
        $line = $simulator.StandardOutput.ReadLine()
        if ($null -eq $line) { throw 'The simulator did not start.' }
        if ($line -match '^  (endpoint|token|leaked key) +(.+)$') { $told[$Matches[1]] = $Matches[2] }
    }

    Import-Module -Name ([IO.Path]::Combine($root, 'out', 'RunCloud.PowerShell', 'RunCloud.PowerShell.psd1')) -Force
    $env:RUNCLOUD_API_ENDPOINT = $told['endpoint']
    $env:RUNCLOUD_API_TOKEN = $told['token']
    Connect-RunCloud
    $key = $told['leaked key']

    $servers = @(Get-RunCloudServer)
    Assert-That ($servers.Count -eq 45) 'all 45 servers are read, over two pages'
    $all = @($servers | Get-RunCloudSshCredential)
    $found = @($servers | Get-RunCloudSshCredential -Key $key)
    Assert-That ($found.Count -gt 0 -and $found.Count -lt $all.Count) 'the leaked key is found among others'
    Assert-That (@($found | Where-Object { $_.Fingerprint -ne $found[0].Fingerprint }).Count -eq 0) 'what is found has one fingerprint'

    $found | Select-Object -First 3 | Remove-RunCloudSshCredential -WhatIf
    Assert-That (@($servers | Get-RunCloudSshCredential).Count -eq $all.Count) '-WhatIf removes nothing'

    $found | Export-Clixml -Path $saved
    $account = @($found | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false)
    Assert-That (@($account | Where-Object { $_.Status -eq 'Removed' }).Count -eq $found.Count) 'every removal is accounted for as Removed'
    $left = @($servers | Get-RunCloudSshCredential)
    Assert-That ($left.Count -eq $all.Count - $found.Count) 'no other key is gone'
    Assert-That (@($left | Where-Object { $_.Fingerprint -eq $found[0].Fingerprint }).Count -eq 0) 'no copy of the leaked key is left'

    Import-Clixml -Path $saved | Add-RunCloudSshCredential
    $back = @($servers | Get-RunCloudSshCredential -Key $key)
    Assert-That ($back.Count -eq $found.Count) 'the saved list puts every copy back'

    # The examples end with codes, and say on the error stream of the host why.
    $examples = [IO.Path]::Combine($root, 'examples')
    & ([IO.Path]::Combine($examples, 'Revoke-LeakedKey.ps1')) -Key $key -Folder $folder -WhatIf
    Assert-That ($LASTEXITCODE -eq 2) 'the rehearsal of Revoke-LeakedKey.ps1 is no success'
    & ([IO.Path]::Combine($examples, 'Update-SshKey.ps1')) -Key $key -NewPublicKey $left[0].PublicKey -Folder $folder
    Assert-That ($LASTEXITCODE -eq 0 -and @($servers | Get-RunCloudSshCredential -Key $key).Count -eq 0) 'Update-SshKey.ps1 rotates the key'
    Import-Clixml -Path ([IO.Directory]::GetFiles($folder, 'rotate-*.undo.xml')[0]) | Add-RunCloudSshCredential
    & ([IO.Path]::Combine($examples, 'Revoke-LeakedKey.ps1')) -Key $key -Folder $folder
    Assert-That ($LASTEXITCODE -eq 0 -and @($servers | Get-RunCloudSshCredential -Key $key).Count -eq 0) 'Revoke-LeakedKey.ps1 revokes it'
    & ([IO.Path]::Combine($examples, 'Remove-RootKey.ps1')) -Folder $folder
    Assert-That ($LASTEXITCODE -eq 2) 'Remove-RootKey.ps1 rehearses'
    foreach ($time in 1, 2) {
        & ([IO.Path]::Combine($examples, 'Export-AccessReport.ps1')) -Severity Critical -Path ([IO.Path]::Combine($folder, 'access.csv'))
        Assert-That ($LASTEXITCODE -eq 0) 'Export-AccessReport.ps1 writes the report, and over the last one'
    }
    $rows = @(Import-Csv -Path ([IO.Path]::Combine($folder, 'access.csv')) | Where-Object { $_.Label })
    Assert-That ($rows.Count -eq @($servers | Get-RunCloudSshCredential).Count) 'every key is in it'

    $refused = $null
    try { Get-RunCloudSshCredential -ServerId $servers[0].Id -Key 'not a key' } catch { $refused = $_ }
    Assert-That ($null -ne $refused -and $refused.FullyQualifiedErrorId -like 'InvalidPublicKey*') 'what is no key is refused'
    Assert-That ((Get-Help Remove-RunCloudSshCredential).Synopsis -match 'SSH keys') 'the help is there'
    Assert-That (($found | Out-String -Width 120) -match 'Comment') 'the views are there'
}
finally {
    $env:RUNCLOUD_API_ENDPOINT, $env:RUNCLOUD_API_TOKEN = $before
    Remove-Item -LiteralPath $saved, $folder -Recurse -ErrorAction SilentlyContinue
    if (-not $simulator.HasExited) { $simulator.Kill() }
    $simulator.Dispose()
}

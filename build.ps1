#requires -Version 5.1

<#
.SYNOPSIS
    Builds, tests or packages the module: the same dotnet commands as in CONTRIBUTING.md, for those who prefer a script.
.DESCRIPTION
    Needs the .NET SDK 10, and nothing of PowerShell but its core: it runs in Windows PowerShell 5.1 and in PowerShell 7.

    Build    stages the importable module at out/RunCloud.PowerShell.
    Test     builds, and runs all tests.
    Package  builds, and makes out/RunCloud.PowerShell-<version>.zip, to be unpacked in a folder of $env:PSModulePath, and
             out/RunCloud.PowerShell.<version>.nupkg for a gallery (Publish-PSResource -NupkgPath).
.PARAMETER Task
    Build, Test or Package.
.PARAMETER Configuration
    Debug or Release. By default a package is Release, and the rest is Debug.
.PARAMETER ProjectUrl
    The address of the project on the web, without a slash at the end. A release gives it: the links of the package and of Get-Help -Online
    are made from it. Without it they are left out.
.EXAMPLE
    ./build.ps1 Package
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration,

    [ValidatePattern('^https://[^/]+.*[^/]$')]
    [string] $ProjectUrl
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "This command ended with exit code ${LASTEXITCODE}: dotnet $args"
    }
}

if (-not $Configuration) {
    $Configuration = if ($Task -eq 'Package') { 'Release' } else { 'Debug' }
}

$solution = [IO.Path]::Combine($PSScriptRoot, 'RunCloud.PowerShell.sln')
$module = [IO.Path]::Combine($PSScriptRoot, 'module', 'RunCloud.Module.csproj')

$properties = @(if ($ProjectUrl) { "--property:ProjectUrl=$ProjectUrl" })

switch ($Task) {
    'Build' { Invoke-DotNet build $solution --configuration $Configuration @properties }
    'Test' { Invoke-DotNet test $solution --configuration $Configuration @properties }
    'Package' { Invoke-DotNet build $module --configuration $Configuration --target:PackageModule @properties }
}

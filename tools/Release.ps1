#requires -Version 7.4

<#
.SYNOPSIS
    The steps of a release that are more than one command. The workflow release.yml runs them.
.DESCRIPTION
    Check    fails unless the tag is the version in Directory.Build.props and CHANGELOG.md has a section for it.
    Prepare  writes out/SHA256SUMS for the packages in out, and out/RELEASE-NOTES.md from CHANGELOG.md.
    Publish  checks the packages against SHA256SUMS and publishes the .nupkg with the key in $env:PSGALLERY_API_KEY.
.PARAMETER Task
    Check, Prepare or Publish.
.PARAMETER Tag
    The tag of the release, such as v1.2.3.
.PARAMETER Out
    The folder of the packages.
.PARAMETER Repository
    The registered repository to publish to.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [ValidateSet('Check', 'Prepare', 'Publish')]
    [string] $Task,

    [string] $Tag,

    [string] $Out = [IO.Path]::Combine($PSScriptRoot, '..', 'out'),

    [string] $Repository = 'PSGallery'
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..'))
$version = [regex]::Match([IO.File]::ReadAllText([IO.Path]::Combine($root, 'Directory.Build.props')), '<Version>([^<]+)</Version>').Groups[1].Value

# The part of CHANGELOG.md between the heading of a version and the next one; empty where there is none.
function Get-Change {
    param([string] $Version)
    $text = [IO.File]::ReadAllText([IO.Path]::Combine($root, 'CHANGELOG.md'))
    [regex]::Match($text, "(?ms)^## \[$([regex]::Escape($Version))\][^\n]*\n(.*?)(?=^## |\z)").Groups[1].Value.Trim()
}

function Get-ReleaseFile {
    Get-ChildItem -Path $Out -File | Where-Object Name -Match '^RunCloud\.PowerShell[-.]\d.*\.(nupkg|zip)$' | Sort-Object -Property Name
}

switch ($Task) {
    'Check' {
        if ($Tag -cne "v$version") { throw "The tag is '$Tag', and Directory.Build.props has version $version." }
        if (-not (Get-Change -Version $version)) { throw "CHANGELOG.md has no section [$version]." }
    }
    'Prepare' {
        $packages = @(Get-ReleaseFile)
        if ($packages.Count -ne 2) { throw "There should be one .nupkg and one .zip in '$Out': $(($packages | ForEach-Object Name) -join ', ')" }
        $lines = foreach ($package in $packages) { "$((Get-FileHash -LiteralPath $package.FullName -Algorithm SHA256).Hash.ToLowerInvariant())  $($package.Name)" }
        [IO.File]::WriteAllText([IO.Path]::Combine($Out, 'SHA256SUMS'), ($lines -join "`n") + "`n")
        $notes = Get-Change -Version $version
        if (-not $notes) { $notes = Get-Change -Version 'Unreleased' }
        [IO.File]::WriteAllText([IO.Path]::Combine($Out, 'RELEASE-NOTES.md'), $notes + "`n")
    }
    'Publish' {
        foreach ($line in [IO.File]::ReadAllLines([IO.Path]::Combine($Out, 'SHA256SUMS'))) {
            $hash, $name = $line -split '  ', 2
            if ((Get-FileHash -LiteralPath ([IO.Path]::Combine($Out, $name)) -Algorithm SHA256).Hash -ne $hash) { throw "$name is not what its checksum says." }
        }
        $package = Get-ReleaseFile | Where-Object Extension -EQ '.nupkg'
        $key = if ($env:PSGALLERY_API_KEY) { @{ ApiKey = $env:PSGALLERY_API_KEY } } else { @{} }
        if ($PSCmdlet.ShouldProcess($package.Name, "Publish to $Repository")) {
            Publish-PSResource -NupkgPath $package.FullName -Repository $Repository @key
        }
    }
}

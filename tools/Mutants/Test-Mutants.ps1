#requires -Version 7.4

<#
.SYNOPSIS
    Breaks the module on purpose, once for each patch beside this script, and says which test notices.
.DESCRIPTION
    A patch begins with what it breaks, in one line, and then names the tests that should notice:

    Project: RunCloud.PowerShell.Tests
    Filter: FullyQualifiedName~VerifyTests

    The tracked files are copied to a folder, and only the copy is changed. There each patch is applied, built, tested and taken back. The
    named tests run first. If they all pass, RunCloud.PowerShell.Tests runs, and then RunCloud.Trust.Tests with its sample.

    Nothing is believed that was not seen: the named tests must pass without a patch, and a patch that does not apply, does not build,
    leaves the module as it was, or names no test, is an error.

    Exit codes: 0 if every patch was noticed, 1 if one was not, 2 if a patch or the copy could not be tested.
.PARAMETER Name
    The names of the patches to test, without .patch, wildcards allowed. Default: all.
.PARAMETER Folder
    Where the copy is. It stays there, so that the next run builds only what has changed. Default: a folder in the temporary files.
.PARAMETER TimeoutSec
    How long one run of tests may take. A run that takes longer counts as noticed: the fault makes the module hang.
.EXAMPLE
    dotnet pwsh -File tools/Mutants/Test-Mutants.ps1 -Name 1*, *-csv-*
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty()]
    [string[]] $Name = '*',

    [ValidateNotNullOrEmpty()]
    [string] $Folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'RunCloud.Mutants'),

    [ValidateRange(60, 86400)]
    [int] $TimeoutSec = 1800
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$copy = [IO.Path]::GetFullPath($Folder)
$staged = [IO.Path]::Combine($copy, 'out', 'RunCloud.PowerShell', 'Core')
$assemblies = 'RunCloud.PowerShell.dll', 'RunCloud.Api.dll'

# A fault need not be good style, and the analyzers take most of the time of a build.
$quick = '--nologo', '-v', 'q', '-p:RunAnalyzers=false', '-p:EnforceCodeStyleInBuild=false', '-p:TreatWarningsAsErrors=false'

# Runs a program in the copy. Its exit code is $null if it took too long.
function Invoke-Program {
    param([string] $File, [string[]] $Argument, [int] $Seconds = $TimeoutSec)
    $start = [Diagnostics.ProcessStartInfo]::new($File, $Argument)
    $start.WorkingDirectory = $copy
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $texts = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
    $ended = $process.WaitForExit($Seconds * 1000)
    if (-not $ended) { $process.Kill($true) }
    [pscustomobject]@{ ExitCode = if ($ended) { $process.ExitCode } else { $null }; Text = ($texts | ForEach-Object Result) -join "`n" }
}

# Makes the copy like the tracked files, and leaves alone what is the same, so that builds stay short.
function Update-Copy {
    $files = (git -C $root ls-files -z) -split "`0" | Where-Object { $_ -and (Test-Path -LiteralPath (Join-Path $root $_) -PathType Leaf) }
    if (-not $files) { throw "There are no tracked files in '$root'." }
    foreach ($file in $files) {
        $from, $to = (Join-Path $root $file), (Join-Path $copy $file)
        if ((Test-Path -LiteralPath $to) -and (Get-FileHash -LiteralPath $from).Hash -eq (Get-FileHash -LiteralPath $to).Hash) { continue }
        [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to))
        [IO.File]::WriteAllBytes($to, [IO.File]::ReadAllBytes($from))
    }
    $known = [Collections.Generic.HashSet[string]]::new([string[]] ($files | ForEach-Object { [IO.Path]::GetFullPath((Join-Path $copy $_)) }))
    Get-ChildItem -LiteralPath $copy -Recurse -File -Include *.cs, *.csproj, *.patch |
        Where-Object { $_.FullName -notmatch '[\\/](bin|obj|out)[\\/]' -and -not $known.Contains($_.FullName) } | Remove-Item
}

# Builds a project of tests once: those of Trust are seldom needed.
$ready = [Collections.Generic.HashSet[string]]::new()
function Build-Test {
    param([string] $Project)
    if (-not $ready.Add($Project)) { return }
    $built = Invoke-Program dotnet (@('build', "tests/$Project") + $quick)
    if ($built.ExitCode -ne 0) { throw "$Project does not build.`n$($built.Text)" }
}

# Builds the edition for PowerShell 7 alone, and puts it where the tests load it from. Says whether that went well.
function Build-Module {
    $built = Invoke-Program dotnet (@('build', 'src/RunCloud.PowerShell', '-f', 'net8.0', '--no-restore') + $quick)
    if ($built.ExitCode -eq 0) {
        foreach ($assembly in $assemblies) { Copy-Item -LiteralPath ([IO.Path]::Combine($copy, 'src', 'RunCloud.PowerShell', 'bin', 'Debug', 'net8.0', $assembly)) -Destination $staged }
        # The tests of the client have it beside them.
        $beside = [IO.Path]::Combine($copy, 'tests', 'RunCloud.Api.Tests', 'bin', 'Debug', 'net10.0')
        if (Test-Path -LiteralPath $beside) { Copy-Item -LiteralPath (Join-Path $staged 'RunCloud.Api.dll') -Destination $beside }
    }
    $built.ExitCode -eq 0
}

function Get-ModuleHash { ($assemblies | ForEach-Object { (Get-FileHash -LiteralPath (Join-Path $staged $_)).Hash }) -join ' ' }

# The tests that fail; none if all pass. A run that ends without a result is an error.
function Get-FailedTest {
    param([string] $Project, [string] $Filter)
    Build-Test $Project
    $select = if ($Filter) { '--filter', $Filter } else { @() }
    $run = Invoke-Program dotnet (@('test', "tests/$Project", '--no-build', '--nologo', '--logger', 'console;verbosity=minimal') + $select)
    if ($null -eq $run.ExitCode) { return "$Project does not end within $TimeoutSec s" }
    $failed = [regex]::Matches($run.Text, '(?m)^\s+Failed (\S.*?) \[[^\[\]]*\]\s*$') | ForEach-Object { $_.Groups[1].Value -replace '^RunCloud\.\w+\.Tests\.', '' }
    if ($run.Text -notmatch '(?m)^(Passed|Failed)!') { throw "The tests of $Project with the filter '$Filter' did not run.`n$($run.Text)" }
    if ($run.ExitCode -ne 0 -and -not $failed) { throw "The tests of $Project failed without naming one.`n$($run.Text)" }
    $failed
}

function Read-Patch {
    param([IO.FileInfo] $File)
    $lines = [IO.File]::ReadAllLines($File.FullName)
    $head = @{}
    foreach ($line in $lines | Where-Object { $_ -cmatch '^(Project|Filter): (.+)$' }) { $key, $value = $line -split ': ', 2; $head[$key] = $value }
    if ($head.Count -ne 2) { throw "$($File.Name) does not name a project and a filter." }
    [pscustomobject]@{ Name = $File.BaseName; Path = $File.FullName; What = $lines[0]; Project = $head.Project; Filter = $head.Filter }
}

# What notices a fault, once it is built: the named tests, or else all.
function Get-Notice {
    param($Patch)
    $runs = @{ Project = $Patch.Project; Filter = $Patch.Filter }, @{ Project = 'RunCloud.PowerShell.Tests'; Filter = '' }, @{ Project = 'RunCloud.Trust.Tests'; Filter = '' }
    foreach ($run in $runs) {
        $failed = @(Get-FailedTest @run)
        if ($failed) { return "$($failed[0])$(if ($failed.Count -gt 1) { " and $($failed.Count - 1) more" })$(if ($run -ne $runs[0]) { ', which the patch does not name' })" }
    }
}

function Test-Patch {
    param($Patch, [string] $Unbroken)
    $result = [pscustomobject]@{ Name = $Patch.Name; What = $Patch.What; Result = 'error'; By = '' }
    $applied = Invoke-Program git ('apply', $Patch.Path)
    if ($applied.ExitCode -ne 0) {
        $result.By = "It does not apply. $($applied.Text)"
        return $result
    }
    try {
        if (-not (Build-Module)) { $result.By = 'It does not build.' }
        elseif ((Get-ModuleHash) -eq $Unbroken) { $result.By = 'It changes nothing in the module.' }
        elseif ($by = Get-Notice $Patch) { $result.Result, $result.By = 'noticed', $by }
        else { $result.Result = 'NOT NOTICED' }
    }
    catch { $result.By = "$_" }
    finally {
        $back = Invoke-Program git ('apply', '--reverse', $Patch.Path)
        if ($back.ExitCode -ne 0) { throw "$($Patch.Name) could not be taken back: $($back.Text)" }
    }
    $result
}

# Called with -File, an array comes as one text.
$wanted = $Name -split ',' | ForEach-Object Trim
try {
    $files = Get-ChildItem -LiteralPath $PSScriptRoot -Filter *.patch | Where-Object { $file = $_.BaseName; $wanted | Where-Object { $file -like $_ } } | Sort-Object -Property Name
    $patches = @($files | ForEach-Object { Read-Patch $_ })
    if (-not $patches) { throw "No patch is named $($wanted -join ', ')." }
    [void] [IO.Directory]::CreateDirectory($copy)
    Update-Copy
    $patches.Project | Sort-Object -Unique | ForEach-Object { Build-Test $_ }
    if (-not (Build-Module)) { throw 'The module does not build.' }
    $unbroken = Get-ModuleHash
    foreach ($group in $patches | Group-Object -Property Project) {
        $failed = @(Get-FailedTest $group.Name (($group.Group.Filter | Sort-Object -Unique) -join '|'))
        if ($failed) { throw "These tests fail without a patch: $($failed -join ', ')" }
    }
}
catch {
    [Console]::Error.WriteLine("$_")
    exit 2
}

$watch = [Diagnostics.Stopwatch]::StartNew()
$results = foreach ($patch in $patches) {
    $result = Test-Patch $patch $unbroken
    Write-Host "$($result.Result.PadRight(12)) $($result.Name): $($result.What) $(if ($result.By) { "[$($result.By)]" })"
    $result
}

[void] (Build-Module)
$counts = $results | Group-Object -Property Result | ForEach-Object { "$($_.Count) $($_.Name)" }
Write-Host "$($patches.Count) patches in $([int] $watch.Elapsed.TotalMinutes) min: $($counts -join ', ')"
exit $(if ($results.Result -contains 'error') { 2 } elseif ($results.Result -contains 'NOT NOTICED') { 1 } else { 0 })

#requires -Version 5.1

<#
.SYNOPSIS
    Writes who has access to which server of a RunCloud workspace, checks it against rules and lists, and compares it with a baseline,
    for unattended tasks.
.DESCRIPTION
    Test-RunCloudSshAccess does the work. This script keeps its reports apart. For -Path access.csv they are, in one folder:

    access.csv              one row for each key, user and server, for spreadsheets
    access.html             the page for people
    access.<time>.json      one for each run, to look back at
    access.baseline.json    what -AcceptBaseline made the baseline

    The first two are replaced only by complete ones. Where a server could not be read they stay as they were, and what could be
    read is in access.incomplete.csv and access.incomplete.html beside them, in which each server that is missing has a row with NOT
    READ and the reason. The next complete run deletes those.

    With a baseline, every run says what is new and what is gone. The baseline never moves by itself, or a new key would
    be told of once and never again: look at the page, and then run the script with -AcceptBaseline.
.PARAMETER Path
    The CSV file. Its folder must be there, and writable.
.PARAMETER TokenPath
    A file with the API token: what Export-Clixml makes of a SecureString, or plain text. Without it the connection of the session is
    used, or else the environment variable RUNCLOUD_API_TOKEN.
.PARAMETER AllowedKey
    The allowed keys, usually a file of public key lines. Every other key is then a finding.
.PARAMETER BlockedKey
    The keys that must not be there.
.PARAMETER MaximumAgeDays
    The age in days from which a key is old.
.PARAMETER Severity
    The lowest severity at which a finding ends the script with 4.
.PARAMETER Reason
    Why it is run, for the reports.
.PARAMETER AcceptBaseline
    Makes the newest access.<time>.json the baseline, and does nothing else: nothing is read again, so that what you accept is what
    you looked at. Only a report of a complete run is taken.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File /opt/runcloud/Export-AccessReport.ps1 -Path /var/lib/runcloud/access.csv

    As a task runs it.
.EXAMPLE
    ./Export-AccessReport.ps1 -Path /var/lib/runcloud/access.csv -AcceptBaseline

    After somebody has looked at access.html: from now on only what differs from it is new.
.NOTES
    Exit codes:

    0  Every server was read, the files are new, and there is no finding of at least -Severity.
    2  Some of it could not be read: the files are the old ones, and there are incomplete ones beside them. Or it was ended early
       (Ctrl+C).
    3  There is no new report: the workspace could not be read, or a file not written.
    4  Every server was read, the files are new, and there are findings of at least -Severity.

    Any other is PowerShell's own: it could not run the script (a wrong parameter, a file that is not there or blocked). The reasons,
    the findings, and what to do, are lines on the standard error.
.LINK
    Test-RunCloudSshAccess
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

    [string] $TokenPath,

    [string[]] $AllowedKey,

    [string[]] $BlockedKey,

    [ValidateRange(1, 36500)]
    [int] $MaximumAgeDays = 365,

    [ValidateSet('Info', 'Low', 'Medium', 'High', 'Critical')]
    [string] $Severity = 'High',

    [string] $Reason,

    [switch] $AcceptBaseline
)

# Whoever calls this may have set them otherwise.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$WarningPreference = 'Continue'
$ProgressPreference = 'SilentlyContinue'

function Write-Problem {
    param([string] $Text)
    $Host.UI.WriteErrorLine("$([IO.Path]::GetFileNameWithoutExtension($PSCommandPath)): $Text")
}

function Get-Reason {
    # What happened and what to do about it, on one line. In Windows PowerShell the text has both already.
    param([Management.Automation.ErrorRecord] $ErrorRecord)
    $text = "$ErrorRecord"
    $details = $ErrorRecord.ErrorDetails
    if ($details -and $details.RecommendedAction -and -not $text.Contains($details.RecommendedAction)) {
        $text = "$text $($details.RecommendedAction)"
    }
    $text -replace '\s*\n\s*', ' '
}

function Import-RunCloud {
    param([string] $TokenPath)
    try {
        if (-not (Get-Module -Name RunCloud.PowerShell)) { Import-Module -Name RunCloud.PowerShell }
    }
    catch {
        throw "The module could not be loaded: $_ It must be in a folder of this account's PSModulePath: $env:PSModulePath"
    }
    if (-not $TokenPath) { return }
    try {
        $text = [IO.File]::ReadAllText($TokenPath).Trim()
        if ($text.StartsWith('<Objs')) {
            $token = Import-Clixml -LiteralPath $TokenPath
            if ($token -is [pscredential]) { $token = $token.Password }
        }
        else {
            $token = [Net.NetworkCredential]::new('', $text).SecurePassword
        }
    }
    catch {
        throw "The token file '$TokenPath' could not be read: $_ One made by Export-Clixml can only be read by the account that made it, on the same machine."
    }
    Connect-RunCloud -Token $token
}

function Move-Report {
    # A file is moved into place whole: a full disk must not leave half of it.
    param([string] $From, [string] $To)
    try {
        if ([IO.File]::Exists($To)) { [IO.File]::Replace($From, $To, [NullString]::Value) } else { [IO.File]::Move($From, $To) }
    }
    catch {
        throw "The file '$To' could not be written: $_ Is the disk full, or has another program opened the file?"
    }
}

function Set-Baseline {
    # The newest report becomes the baseline. It must be one of a complete run: what was not read cannot be compared.
    param([string] $Folder, [string] $Name)
    $newest = @([IO.Directory]::GetFiles($Folder, "$Name.*Z.json") | Sort-Object)[-1]
    if (-not $newest) { throw "There is no report '$Name.<time>.json' in '$Folder' yet. Run this once without -AcceptBaseline." }
    $snapshot = [IO.File]::ReadAllText($newest) | ConvertFrom-Json
    if ($snapshot.kind -ne 'access' -or -not $snapshot.scope.complete) {
        throw "The newest report, '$newest', is not one of a complete run, so it cannot be the baseline. Run this again without -AcceptBaseline, and look at the page."
    }
    $baseline = [IO.Path]::Combine($Folder, "$Name.baseline.json")
    [IO.File]::Copy($newest, "$baseline.$PID.new", $true)
    Move-Report "$baseline.$PID.new" $baseline
    "The baseline is now '$newest'."
}

function Export-Access {
    # Reads everything once, and leaves the reports. Gives the exit code last.
    param([string] $Folder, [string] $Name, [hashtable] $Parameters)
    $base = [IO.Path]::Combine($Folder, $Name)
    $time = [DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ', [Globalization.CultureInfo]::InvariantCulture)
    $drafts = "$base.$PID.new.json", "$base.$PID.new.csv", "$base.$PID.new.html"
    if ([IO.File]::Exists("$base.baseline.json")) { $Parameters.Baseline = "$base.baseline.json" }
    try {
        $failed = @()
        $findings = @(Test-RunCloudSshAccess @Parameters -ReportPath $drafts -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -ErrorVariable failed)
        foreach ($failure in $failed) { Write-Problem (Get-Reason $failure) }
        foreach ($draft in $drafts) {
            if (-not [IO.File]::Exists($draft)) { throw "The file '$draft' was not written." }
        }
        $snapshot = [IO.File]::ReadAllText($drafts[0]) | ConvertFrom-Json
        $isComplete = $snapshot.scope.complete -eq $true -and $failed.Count -eq 0
        $middle = if ($isComplete) { '' } else { '.incomplete' }
        Move-Report $drafts[1] "$base$middle.csv"
        Move-Report $drafts[2] "$base$middle.html"
        Move-Report $drafts[0] "$base.$time.json"
    }
    finally {
        foreach ($draft in $drafts) { [IO.File]::Delete($draft) }
    }

    $worth = @($findings | Where-Object { $_.Severity -in $severities[0..$severities.IndexOf($Severity)] })
    $unread = @($findings | Where-Object { $_.Rule -eq 'ServerNotRead' -and -not $isComplete -and $_ -notin $worth })
    foreach ($finding in @($unread + $worth)[0..19]) {
        if ($finding) { Write-Problem "$($finding.Severity) $($finding.Rule): $($finding.Message) $($finding.Advice)" }
    }
    if ($worth.Count -gt 20) { Write-Problem "And $($worth.Count - 20) more findings, which '$base$middle.html' has." }
    if (-not $isComplete) {
        Write-Problem "Not complete: '$base.csv' is left as it was, and '$base.incomplete.csv' has what could be read. Run this again once the reasons are gone."
        return 2
    }
    [IO.File]::Delete("$base.incomplete.csv")
    [IO.File]::Delete("$base.incomplete.html")
    "$($snapshot.scope.credentials) keys on $($snapshot.scope.asked) servers are in '$base.csv'; $($findings.Count) findings, $($worth.Count) of them $Severity or worse."
    if ($worth.Count) { 4 } else { 0 }
}

$severities = [Collections.ArrayList] @('Critical', 'High', 'Medium', 'Low', 'Info')
$code = 2
$finished = $false
try {
    try {
        $target = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $folder = [IO.Path]::GetDirectoryName($target)
        $name = [IO.Path]::GetFileNameWithoutExtension($target)
        if (-not [IO.Directory]::Exists($folder)) { throw "The folder of '$target' is not there. Make it, and let this account write to it." }
        if ($AcceptBaseline) {
            Set-Baseline $folder $name
            $code = 0
        }
        else {
            $tokenFile = if ($TokenPath) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($TokenPath) }
            Import-RunCloud -TokenPath $tokenFile
            $parameters = @{ MaximumAgeDays = $MaximumAgeDays }
            foreach ($given in 'AllowedKey', 'BlockedKey', 'Reason') {
                if ($PSBoundParameters.ContainsKey($given)) { $parameters.$given = $PSBoundParameters.$given }
            }
            $said = @(Export-Access $folder $name $parameters)
            if ($said.Count -gt 1) { $said[0] }
            $code = $said[-1]
        }
    }
    catch {
        Write-Problem (Get-Reason $_)
        Write-Problem 'There is no new report.'
        $code = 3
    }
    $finished = $true
}
catch {
    Write-Problem (Get-Reason $_)
}
finally {
    # Ctrl+C comes here and to no line behind this. The process must not end with 0 then; exit alone does not see to it, and no command
    # runs any more. Somebody's own session goes on.
    if (-not $finished) {
        $started = [Environment]::GetCommandLineArgs()
        if (-not ($started -match '^[-/]noe') -and ($started -match '^[-/](f|file|c|command|cwa|e|ec|enc|encodedcommand|noni.*)$' -or $started -like "*$([IO.Path]::GetFileName($PSCommandPath))")) {
            $Host.SetShouldExit(2)
        }
        $Host.UI.WriteErrorLine("$([IO.Path]::GetFileNameWithoutExtension($PSCommandPath)): " + 'It was ended early: there is no new report.')
    }
    exit $code
}

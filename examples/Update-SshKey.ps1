#requires -Version 5.1

<#
.SYNOPSIS
    Rotates an SSH key on every server of a RunCloud workspace, for unattended tasks.
.DESCRIPTION
    Runs Update-RunCloudSshKey without questions: wherever the old key stands, the new one is added and read back, and only then the
    old one is removed. Where the new one could not be put, the old one stays. The folder gets two files with the time (UTC) in their
    names:

    rotate-20260302-043000-118.report.json  the account of every server
    rotate-20260302-043000-118.undo.xml     the old credentials; none where nothing was found

    It can run every night until it ends with 0: what is done already is left as it is. The files of earlier runs in the folder count
    too: what one of them left unconfirmed stays a problem until somebody has looked and moved that file away, for RunCloud no longer
    lists a key once it has accepted its removal. Use a folder for each key.
.PARAMETER Key
    The old keys: the path of a .pub file, the line in it, or a fingerprint (SHA256:... or MD5:...). Behind powershell -File it can
    only be one.
.PARAMETER NewPublicKey
    The new key: the path of its .pub file, or the line in it.
.PARAMETER Folder
    Where the files go. It must be there, and writable. The list of who has access is confidential: let only this account
    and the administrators read it.
.PARAMETER Label
    The label of the new credentials; where it is taken, it gets a number. Without it they are called like the old ones.
.PARAMETER ExcludeServer
    Names of servers to leave alone, wildcards allowed. Several can be one text with commas between, since powershell -File takes no
    lists.
.PARAMETER TokenPath
    A file with the API token: what Export-Clixml makes of a SecureString, or plain text. Without it the connection of the session is
    used, or else the environment variable RUNCLOUD_API_TOKEN.
.EXAMPLE
    ./Update-SshKey.ps1 -Key ./deploy-2025.pub -NewPublicKey ./deploy-2026.pub -Folder ./rotation -WhatIf

    The rehearsal: prints the plan, changes nothing, writes nothing, and ends with 2.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File /opt/runcloud/Update-SshKey.ps1 -Key /opt/runcloud/deploy-2025.pub -NewPublicKey /opt/runcloud/deploy-2026.pub -Folder /var/lib/runcloud/rotation

    As a task runs it.
.NOTES
    Exit codes:

    0  Every server was read, and the new key stands wherever the old one stood; no copy of the old one is left.
    2  Something could not be read, failed or is not confirmed, in this run or in an earlier one; it was a rehearsal, or it was
       ended early (Ctrl+C).
    3  It could not start: nothing was changed.

    Any other is PowerShell's own: it could not run the script (a wrong parameter, a file that is not there or blocked). The reasons,
    and what to do, are lines on the standard error.
.LINK
    Update-RunCloudSshKey
#>
[CmdletBinding(SupportsShouldProcess = $true, PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)]
    [string[]] $Key,

    [Parameter(Mandatory = $true)]
    [string] $NewPublicKey,

    [Parameter(Mandatory = $true)]
    [string] $Folder,

    [string] $Label,

    [string[]] $ExcludeServer = @(),

    [string] $TokenPath
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

function Get-EarlierDoubt {
    # What earlier runs left open, as problems of this one.
    param([string] $Folder, [string] $Prefix)
    foreach ($path in [IO.Directory]::GetFiles($Folder, "$Prefix-*.report.json")) {
        try {
            $report = [IO.File]::ReadAllText($path) | ConvertFrom-Json

            # A report is there before the first change, and says when the run ended: that of one that was killed does not.
            $undo = $path -replace '\.report\.json$', '.undo.xml'
            if (-not $report.endedAt -and [IO.File]::Exists($undo)) {
                New-Doubt "An earlier run left no account of what it did. Check the keys that are listed in '$undo', then move it to another folder."
            }
            foreach ($server in $report.servers) {
                foreach ($removal in $server.removals) {
                    if ($removal.status -eq 'Unconfirmed') {
                        New-Doubt "An earlier run could not confirm the removal of '$($removal.label)' of $($removal.user) on $($server.serverName). Look into authorized_keys there, then move '$path' to another folder." $server.serverId $removal.fingerprint
                    }
                }
            }
        }
        catch {
            New-Doubt "The report '$path' of an earlier run could not be read: $_ Look at it, then move it to another folder."
        }
    }
    foreach ($path in [IO.Directory]::GetFiles($Folder, "$Prefix-*.undo.xml")) {
        if (-not [IO.File]::Exists(($path -replace '\.undo\.xml$', '.report.json'))) {
            New-Doubt "An earlier run left no account of what it did. Check the keys that are listed in '$path', then move it to another folder."
        }
    }
}

function New-Doubt {
    param([string] $Text, $ServerId, $Fingerprint)
    [pscustomobject] @{ Text = $Text; ServerId = $ServerId; Fingerprint = $Fingerprint }
}

$code = 2
$finished = $false
try {
    $account = @()
    $failed = @()
    $doubts = @()
    $stopped = $null
    $undo = $null
    try {
        $tokenFile = if ($TokenPath) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($TokenPath) }
        Import-RunCloud -TokenPath $tokenFile
        $place = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Folder)
        if (-not [IO.Directory]::Exists($place)) { throw "The folder '$place' is not there. Make it, and let this account write to it." }
        $doubts = @(Get-EarlierDoubt -Folder $place -Prefix 'rotate')

        $stamp = [DateTime]::UtcNow.ToString('yyyyMMdd-HHmmss-fff', [Globalization.CultureInfo]::InvariantCulture)
        $undo = [IO.Path]::Combine($place, "rotate-$stamp.undo.xml")
        $report = [IO.Path]::Combine($place, "rotate-$stamp.report.json")
        $what = @{ Key = $Key; NewPublicKey = $NewPublicKey; UndoPath = $undo; ReportPath = $report }
        if ($Label) { $what.Label = $Label }
        $excluded = @($ExcludeServer -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ })
        if ($excluded) { $what.ExcludeServer = $excluded }

        # Not @( ): what came out before an error that ends the command must not be lost.
        $null = Update-RunCloudSshKey @what -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed -OutVariable account
    }
    catch {
        $stopped = $_
    }

    # Success is what the account says, not that there were no errors.
    $open = @($account | Where-Object { 'Clean', 'Removed' -notcontains "$($_.Status)" })
    foreach ($server in $account) {
        if ("$($server.Status)" -ne 'Clean' -or $server.Message) { "$($server.ServerName): $($server.Status) $($server.Message)".Trim() }
    }
    $reasons = @(@($failed) + $stopped | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { Get-Reason $_ }) + @($doubts | ForEach-Object { $_.Text })
    $told = @{}
    foreach ($reason in $reasons) {
        # An error that ends a command comes twice.
        if (-not $told.ContainsKey($reason)) { Write-Problem $reason }
        $told[$reason] = $true
    }

    if ($account.Count -eq 0 -and -not [IO.File]::Exists($undo) -and ($stopped -or -not $WhatIfPreference)) {
        if (-not $told.Count) { Write-Problem 'There was not one server to look at. Is the token that of the right workspace?' }
        Write-Problem 'Could not start: nothing was changed.'
        $code = 3
    }
    elseif ($WhatIfPreference) {
        Write-Problem 'This was a rehearsal: nothing was changed.'
    }
    elseif ($stopped -or $open -or $told.Count) {
        Write-Problem "Not finished: $($open.Count) of $($account.Count) servers are not settled. See '$report', and run this again once the reasons are gone."
    }
    else {
        "No copy of the old key is left on the $($account.Count) servers. The account is in '$report'."
        $code = 0
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
        $Host.UI.WriteErrorLine("$([IO.Path]::GetFileNameWithoutExtension($PSCommandPath)): " + 'It was ended early. What it did is in the folder''s newest report, where there is one. Run it again.')
    }
    exit $code
}

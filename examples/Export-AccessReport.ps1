#requires -Version 5.1

<#
.SYNOPSIS
    Writes who has access to which server of a RunCloud workspace as a CSV file, for a task that nobody watches.
.DESCRIPTION
    One row for each key, user and server; a server without keys has a row that says so, so that every server is in the file. Times
    are in UTC, and ReadAt tells when the workspace was read: a file that no task renews any more can be told from a new one.

    The file is replaced as a whole, and only by a complete one. Where a server could not be read, access.csv stays as it was, and
    what could be read is in access.incomplete.csv beside it, in which each server that is missing has a row with NOT READ and the
    reason. The next complete run deletes that file.

    Comments are free text that somebody else wrote. What a spreadsheet would take for a formula gets an apostrophe in front.
.PARAMETER Path
    The CSV file. Its folder must be there, and writable.
.PARAMETER TokenPath
    A file with the API token: what Export-Clixml makes of a SecureString, or plain text. Without it the connection of the session is
    used, or else the environment variable RUNCLOUD_API_TOKEN.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File /opt/runcloud/Export-AccessReport.ps1 -Path /var/lib/runcloud/access.csv

    As a task runs it.
.NOTES
    Exit codes:

    0  Every server was read, and the file is new.
    2  Some of it could not be read: the file is the old one, and there is an incomplete one beside it. Or it was
       ended early (Ctrl+C).
    3  There is no new file: the workspace could not be read, or the file not written.

    Any other is PowerShell's own: it could not run the script (a wrong parameter, a file that is not there or blocked). The reasons,
    and what to do, are lines on the standard error.
.LINK
    Get-RunCloudSshCredential
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Path,

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

function ConvertTo-Row {
    param($Server, $Credential, [string] $Note)
    $row = [ordered] @{}
    $row.ServerName = ConvertTo-Text $Server.Name
    $row.ServerId = $Server.Id
    foreach ($name in 'User', 'Label', 'KeyType', 'KeyLength', 'Comment', 'Fingerprint', 'CreatedAt') {
        $row.$name = if ($Credential) { ConvertTo-Text $Credential.$name }
    }
    $row.Note = ConvertTo-Text $Note
    $row.ReadAt = ConvertTo-Text $readAt
    [pscustomobject] $row
}

function ConvertTo-Text {
    # The same in every culture.
    param($Value)
    if ($Value -is [DateTimeOffset]) { return $Value.UtcDateTime.ToString('yyyy-MM-dd HH:mm:ss', [Globalization.CultureInfo]::InvariantCulture) }
    if ($Value -is [string] -and $Value -match '^\s*[-=+@|%\uFF1D\uFF0B\uFF0D\uFF20\u2212]') { return "'$Value" }
    $Value
}

function Export-Report {
    # All of the file or nothing: a full disk must not leave half of it.
    param([object[]] $Row, [string] $Path)
    $draft = "$Path.$PID.new"
    try {
        # With a byte order mark, without which a spreadsheet takes the file for one in the code page of its machine.
        $encoding = if ($PSVersionTable.PSEdition -eq 'Core') { 'utf8BOM' } else { 'UTF8' }
        $Row | Export-Csv -LiteralPath $draft -NoTypeInformation -Encoding $encoding
        if ([IO.File]::Exists($Path)) { [IO.File]::Replace($draft, $Path, [NullString]::Value) } else { [IO.File]::Move($draft, $Path) }
    }
    catch {
        $problem = $_
        try { [IO.File]::Delete($draft) } catch { Write-Problem "The draft '$draft' could not be deleted: $_" }
        throw "The file '$Path' could not be written: $problem Is the disk full, or has another program opened the file?"
    }
}

$code = 2
$finished = $false
try {
    $failed = @()
    try {
        $tokenFile = if ($TokenPath) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($TokenPath) }
        Import-RunCloud -TokenPath $tokenFile
        $target = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $incomplete = [IO.Path]::ChangeExtension($target, '.incomplete.csv')
        if (-not [IO.Directory]::Exists([IO.Path]::GetDirectoryName($target))) { throw "The folder of '$target' is not there. Make it, and let this account write to it." }

        $readAt = [DateTimeOffset]::UtcNow
        $servers = @(Get-RunCloudServer -ErrorAction SilentlyContinue -ErrorVariable failed)
        $credentials = @($servers | Get-RunCloudSshCredential -ErrorAction SilentlyContinue -ErrorVariable +failed)
        foreach ($failure in $failed) { Write-Problem (Get-Reason $failure) }
        if ($servers.Count -eq 0) { throw 'There was not one server to read. Is the token that of the right workspace?' }

        $byServer = @{}
        foreach ($credential in $credentials) {
            if (-not $byServer.ContainsKey($credential.ServerId)) { $byServer[$credential.ServerId] = [Collections.ArrayList]::new() }
            $null = $byServer[$credential.ServerId].Add($credential)
        }
        $reasons = @{}
        foreach ($failure in $failed) {
            if ($failure.TargetObject -is [RunCloud.Server]) { $reasons[$failure.TargetObject.Id] = "NOT READ: $failure" }
        }
        $rows = @(foreach ($server in @($servers | Sort-Object -Property Name)) {
            if ($reasons.ContainsKey($server.Id)) {
                ConvertTo-Row $server -Note $reasons[$server.Id]
            }
            elseif (-not $byServer.ContainsKey($server.Id)) {
                ConvertTo-Row $server -Note 'no keys'
            }
            else {
                foreach ($credential in @($byServer[$server.Id] | Sort-Object -Property User, Label)) {
                    ConvertTo-Row $server $credential -Note $(if (-not $credential.Fingerprint) { 'the key cannot be read' })
                }
            }
        })

        if ($failed.Count) {
            Export-Report $rows $incomplete
            Write-Problem "Not complete: '$target' is left as it was, and '$incomplete' has what could be read. Run this again once the reasons are gone."
            $code = 2
        }
        else {
            Export-Report $rows $target
            [IO.File]::Delete($incomplete)
            "$($credentials.Count) keys on $($servers.Count) servers are in '$target'."
            $code = 0
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

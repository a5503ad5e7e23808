#requires -Version 5.1

<#
.SYNOPSIS
    Revokes SSH keys on every server of a RunCloud workspace, for unattended tasks.
.DESCRIPTION
    Runs Revoke-RunCloudSshKey without questions. The folder gets two files with the time (UTC) in their names:

    revoke-20260302-043000-118.report.json  the account of every server
    revoke-20260302-043000-118.undo.xml     what was removed; none where nothing was found

    If it was the wrong key, Import-Clixml of the second, piped to Add-RunCloudSshCredential, puts it back.

    It can run every night until it ends with 0. RunCloud no longer lists a key once it has accepted its removal, so a later run
    finds nothing on a server that was offline during the run and may still have it. Therefore the files of earlier runs in the folder
    count too: what one of them left unconfirmed stays a problem until somebody has looked and moved that file away. Use a folder
    for each key.
.PARAMETER Key
    The keys: the path of a .pub file, the line in it, or a fingerprint (SHA256:... or MD5:...). Behind powershell -File it can only
    be one.
.PARAMETER Folder
    Where the files go. It must be there, and writable. The list of who had access is confidential: let only this account
    and the administrators read it.
.PARAMETER ExcludeServer
    Names of servers to leave alone, wildcards allowed. Several can be one text with commas between, since powershell -File takes no
    lists.
.PARAMETER SkipLastCredential
    Leaves a key where a user would have none any more. It is then reported as not revoked.
.PARAMETER AcknowledgedPath
    A file of what somebody has looked at and answers for, so that a nightly task can end with 0 meanwhile: one JSON object a line, or
    a JSON array of them, each with serverId, fingerprint, reason, by, note and until (a day, at most 90 days ahead). The script prints
    the line to paste. An entry covers a server that is Unconfirmed because it is offline (Offline, OfflineNotListed) or because a
    value cannot be read as a key (Unreadable), and nothing else; it ends after its day, when there is another reason, and when the
    server is online again. It changes the exit code and not the status; the report lists it. A file that others than this account and
    the administrators may write is refused.
.PARAMETER TokenPath
    A file with the API token: what Export-Clixml makes of a SecureString, or plain text. Without it the connection of the session is
    used, or else the environment variable RUNCLOUD_API_TOKEN.
.EXAMPLE
    ./Revoke-LeakedKey.ps1 -Key ./dave.pub -Folder ./dave -WhatIf

    The rehearsal: prints the plan, removes nothing, writes nothing, and ends with 2.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File /opt/runcloud/Revoke-LeakedKey.ps1 -Key /opt/runcloud/dave.pub -Folder /var/lib/runcloud/dave

    As a task runs it.
.NOTES
    Exit codes:

    0  Every server was read, and no copy of the keys is left but for what is acknowledged.
    2  Something could not be read, failed or is not confirmed, in this run or in an earlier one; it was a rehearsal, or it was
       ended early (Ctrl+C).
    3  It could not start: nothing was removed.

    Any other is PowerShell's own: it could not run the script (a wrong parameter, a file that is not there or blocked). The reasons,
    and what to do, are lines on the standard error.
.LINK
    Revoke-RunCloudSshKey
#>
[CmdletBinding(SupportsShouldProcess = $true, PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)]
    [string[]] $Key,

    [Parameter(Mandatory = $true)]
    [string] $Folder,

    [string[]] $ExcludeServer = @(),

    [switch] $SkipLastCredential,

    [string] $AcknowledgedPath,

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

function Get-Value {
    # A property, or nothing where the object has none.
    param($Item, [string] $Name)
    if ($null -ne $Item -and $Item.PSObject.Properties[$Name]) { $Item.PSObject.Properties[$Name].Value }
}

function Assert-NobodyElseMayWrite {
    # Whoever may write the file, or put another in its place, decides what is no problem.
    param([string] $Path)
    if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
        $group = [int] [Enum]::Parse([IO.UnixFileMode], 'GroupWrite')
        $other = [int] [Enum]::Parse([IO.UnixFileMode], 'OtherWrite')
        $target = [IO.File]::ResolveLinkTarget($Path, $true)
        foreach ($file in @($Path) + @($target | Where-Object { $_ } | ForEach-Object { $_.FullName })) {
            $mode = [int] [IO.File]::GetUnixFileMode($file)
            $folder = [int] [IO.File]::GetUnixFileMode([IO.Path]::GetDirectoryName($file))
            $sticky = [int] [Enum]::Parse([IO.UnixFileMode], 'StickyBit')
            if (($file -ne $Path -or -not $target) -and ($mode -band ($group -bor $other))) { throw "The file '$file' may be written by others. Make it this account's alone: chmod 600 '$file'." }
            if (($folder -band ($group -bor $other)) -and -not ($folder -band $sticky)) { throw "The folder of '$file' may be written by others, who could replace the file. Put it into a folder of this account alone." }
        }
        return
    }
    $trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-3-0', 'S-1-3-4', [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    $writing = [Security.AccessControl.FileSystemRights] 'WriteData, AppendData, Delete, ChangePermissions, TakeOwnership'
    foreach ($rule in (Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        if ("$($rule.AccessControlType)" -eq 'Allow' -and ($rule.FileSystemRights -band $writing) -and $trusted -notcontains $rule.IdentityReference.Value) {
            throw "The file '$Path' may be written by others ($($rule.IdentityReference.Value)). Let only this account and the administrators write to it."
        }
    }
}

function Read-Acknowledgement {
    # The entries that hold today. An invalid entry is a problem, because its author relies on it.
    param([string] $Path)
    if (-not [IO.File]::Exists($Path)) { throw "The file '$Path' of -AcknowledgedPath is not there." }
    Assert-NobodyElseMayWrite $Path
    $text = [IO.File]::ReadAllText($Path).Trim()
    try {
        $entries = @(if ($text.StartsWith('[')) { $text | ConvertFrom-Json | ForEach-Object { $_ } } else { $text -split '\r?\n' | Where-Object { $_.Trim() } | ForEach-Object { $_ | ConvertFrom-Json } })
    }
    catch {
        throw "The file '$Path' of -AcknowledgedPath is not JSON: $_"
    }
    $today = [DateTime]::UtcNow.Date
    $number = 0
    foreach ($entry in $entries) {
        $number++
        $until = Get-Value $entry 'until'
        if ($until -isnot [DateTime]) {
            $day = [DateTime]::MinValue
            $isDay = [DateTime]::TryParseExact("$until", 'yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles] 'AssumeUniversal, AdjustToUniversal', [ref] $day)
            $until = if ($isDay) { $day }
        }
        $wrong = if ("$(Get-Value $entry 'serverId')" -notmatch '^[0-9]+$') { 'serverId must be a number' }
            elseif ("$(Get-Value $entry 'fingerprint')" -notmatch '^(SHA256|MD5):\S+$') { 'fingerprint must be as ssh-keygen -lf prints it' }
            elseif ($covered -cnotcontains "$(Get-Value $entry 'reason')") { "reason must be one of $($covered -join ', ')" }
            elseif (-not "$(Get-Value $entry 'by')".Trim()) { 'by must say who answers for it' }
            elseif (-not "$(Get-Value $entry 'note')".Trim()) { 'note must say why' }
            elseif (-not $until) { 'until must be a day, as in 2026-03-31' }
            elseif ($until.Date -gt $today.AddDays(90)) { 'until must be at most 90 days ahead' }
        if ($wrong) {
            Write-Problem "Entry $number of '$Path' is not used: $wrong."
            $told["entry $number"] = $true
        }
        elseif ($until.Date -ge $today) {
            [pscustomobject] @{ ServerId = "$($entry.serverId)"; Fingerprint = "$($entry.fingerprint)"; Reason = "$($entry.reason)"; By = "$($entry.by)"; Note = "$($entry.note)"; Until = $until.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture) }
        }
    }
}

function Get-TextPrint {
    # What stands for a value that cannot be read as a key.
    param([string] $Text)
    $hash = [Security.Cryptography.SHA256]::Create()
    try { 'SHA256:' + [Convert]::ToBase64String($hash.ComputeHash([Text.Encoding]::UTF8.GetBytes($Text))).TrimEnd('=') } finally { $hash.Dispose() }
}

function Get-OpenPart {
    # Each copy of a key, known or possible, for which a server is not settled: what an entry must name.
    param($Server, [object[]] $Failure, [string[]] $Fingerprint)
    $parts = @(foreach ($removal in @(Get-Value $Server 'Removals')) {
        if ('Removed', 'AlreadyAbsent' -notcontains "$($removal.Status)") {
            $print = Get-Value $removal 'Fingerprint'
            if (-not $print) { $print = Get-TextPrint "$(Get-Value $removal 'PublicKey')" }
            [pscustomobject] @{ Status = "$($removal.Status)"; Fingerprint = $print; Reason = "$(Get-Value $removal 'Reason')" }
        }
    })
    $parts += @(foreach ($one in $Failure) {
        $target = $one.TargetObject
        if ($one.FullyQualifiedErrorId -like 'SshCredentialNotComparable*' -and "$(Get-Value $target 'ServerId')" -eq "$($Server.ServerId)") {
            $print = Get-TextPrint "$(Get-Value $target 'PublicKey')"
            if (@($parts | ForEach-Object { $_.Fingerprint }) -notcontains $print) { [pscustomobject] @{ Status = 'Unconfirmed'; Fingerprint = $print; Reason = 'Unreadable' } }
        }
    })
    if (-not $parts) { $parts = @($Fingerprint | ForEach-Object { [pscustomobject] @{ Status = "$($Server.Status)"; Fingerprint = $_; Reason = "$(Get-Value $Server 'Reason')" } }) }
    $parts
}

function ConvertTo-JsonText {
    # ASCII only, so that no encoding changes it.
    param([string] $Text)
    $json = [Text.StringBuilder]::new('"')
    foreach ($character in $Text.ToCharArray()) {
        $number = [int] $character
        $null = if ($number -lt 32 -or $number -gt 126 -or $character -eq '"' -or $character -eq '\') { $json.AppendFormat('\u{0:x4}', $number) } else { $json.Append($character) }
    }
    $json.Append('"').ToString()
}

function ConvertTo-Entry {
    param($ServerId, $Part, [string] $By, [string] $Note, [string] $Until)
    '{{"serverId":{0},"fingerprint":{1},"reason":{2},"by":{3},"note":{4},"until":{5}}}' -f $ServerId, (ConvertTo-JsonText $Part.Fingerprint), (ConvertTo-JsonText $Part.Reason), (ConvertTo-JsonText $By), (ConvertTo-JsonText $Note), (ConvertTo-JsonText $Until)
}

function Add-ToReport {
    # The whole file or none of it, for this account alone.
    param([string] $Path, [string[]] $Entry)
    $text = [IO.File]::ReadAllText($Path).TrimEnd()
    if (-not $text.EndsWith('}')) { throw "The report '$Path' does not end as it should." }
    $draft = "$Path.$PID.new"
    try {
        [IO.File]::WriteAllText($draft, $text.Substring(0, $text.Length - 1).TrimEnd() + ",`n  `"acknowledged`": [`n    " + ($Entry -join ",`n    ") + "`n  ]`n}`n")
        if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) { [IO.File]::SetUnixFileMode($draft, 'UserRead, UserWrite') }
        [IO.File]::Replace($draft, $Path, [NullString]::Value)
    }
    catch {
        $problem = $_
        try { [IO.File]::Delete($draft) } catch { Write-Problem "The draft '$draft' could not be deleted: $_" }
        throw "What is acknowledged could not be written to the report '$Path': $problem"
    }
}

# What somebody may answer for: never that a removal failed, got no answer or was not read.
$covered = 'Offline', 'OfflineNotListed', 'Unreadable'
$code = 2
$finished = $false
try {
    $account = @()
    $failed = @()
    $doubts = @()
    $stopped = $null
    $told = @{}
    $entries = @()
    $undo = $null
    try {
        $tokenFile = if ($TokenPath) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($TokenPath) }
        Import-RunCloud -TokenPath $tokenFile
        $place = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Folder)
        if (-not [IO.Directory]::Exists($place)) { throw "The folder '$place' is not there. Make it, and let this account write to it." }
        if ($AcknowledgedPath) { $entries = @(Read-Acknowledgement $PSCmdlet.GetUnresolvedProviderPathFromPSPath($AcknowledgedPath)) }
        $doubts = @(Get-EarlierDoubt -Folder $place -Prefix 'revoke')

        $stamp = [DateTime]::UtcNow.ToString('yyyyMMdd-HHmmss-fff', [Globalization.CultureInfo]::InvariantCulture)
        $undo = [IO.Path]::Combine($place, "revoke-$stamp.undo.xml")
        $report = [IO.Path]::Combine($place, "revoke-$stamp.report.json")
        $what = @{ Key = $Key; UndoPath = $undo; ReportPath = $report; SkipLastCredential = $SkipLastCredential }
        $excluded = @($ExcludeServer -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ })
        if ($excluded) { $what.ExcludeServer = $excluded }

        # Not @( ): what came out before an error that ends the command must not be lost.
        $null = Revoke-RunCloudSshKey @what -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed -OutVariable account
    }
    catch {
        $stopped = $_
    }

    # Success is what the account says, not that there were no errors.
    $open = @($account | Where-Object { 'Clean', 'Removed' -notcontains "$($_.Status)" })
    $prints = @()
    if ($open -and [IO.File]::Exists($report)) { $prints = @(([IO.File]::ReadAllText($report) | ConvertFrom-Json).keys) }
    $acknowledged = @{}
    $listed = @()
    $month = [DateTime]::UtcNow.AddDays(30).ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)
    foreach ($server in $account) {
        if ("$($server.Status)" -ne 'Clean' -or $server.Message) { "$($server.ServerName): $($server.Status) $($server.Message)".Trim() }
        $serverId = "$(Get-Value $server 'ServerId')"
        if ("$($server.Status)" -ne 'Unconfirmed' -or $serverId -notmatch '^[0-9]+$') { continue }
        $parts = @(Get-OpenPart $server @($failed | Where-Object { $_ -is [Management.Automation.ErrorRecord] }) $prints)
        if (-not $parts -or @($parts | Where-Object { $_.Status -ne 'Unconfirmed' -or $covered -cnotcontains $_.Reason })) { continue }
        $missing = 0
        $lines = @(foreach ($part in $parts) {
            $entry = @($entries | Where-Object { $_.ServerId -eq $serverId -and $_.Fingerprint -ceq $part.Fingerprint -and $_.Reason -ceq $part.Reason })
            if ($entry) { ConvertTo-Entry $serverId $part $entry[0].By $entry[0].Note $entry[0].Until } else { $missing++ }
        })
        if ($missing) {
            "If somebody answers for $($server.ServerName) meanwhile, fill in by and note, and put this into the file of -AcknowledgedPath:"
            foreach ($part in $parts) { ConvertTo-Entry $serverId $part '' '' $month }
        }
        else {
            "$($server.ServerName): acknowledged ($($parts[0].Reason)) by $($entry[0].By) until $($entry[0].Until): $($entry[0].Note)"
            $acknowledged[$serverId] = @($parts | ForEach-Object { $_.Fingerprint })
            $listed += $lines
        }
    }
    $open = @($open | Where-Object { -not $acknowledged.ContainsKey("$(Get-Value $_ 'ServerId')") })

    # What is acknowledged explains its own errors, and what earlier runs could not confirm of the same keys there; nothing else.
    $problems = @(@($failed) + $stopped | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | Where-Object {
        $id = Get-Value $_.TargetObject 'ServerId'
        if ($null -eq $id) { $id = Get-Value $_.TargetObject 'Id' }
        -not ($acknowledged.ContainsKey("$id") -and $_.FullyQualifiedErrorId -match '^(RemovalUnconfirmed|SshCredentialNotComparable)\b')
    })
    $doubts = @($doubts | Where-Object { -not ($acknowledged.ContainsKey("$($_.ServerId)") -and $acknowledged["$($_.ServerId)"] -ccontains $_.Fingerprint) })
    $reasons = @($problems | ForEach-Object { Get-Reason $_ }) + @($doubts | ForEach-Object { $_.Text })
    foreach ($reason in $reasons) {
        # An error that ends a command comes twice.
        if (-not $told.ContainsKey($reason)) { Write-Problem $reason }
        $told[$reason] = $true
    }
    if ($listed) { Add-ToReport $report $listed }

    if ($account.Count -eq 0 -and -not [IO.File]::Exists($undo) -and ($stopped -or -not $WhatIfPreference)) {
        if (-not $told.Count) { Write-Problem 'There was not one server to look at. Is the token that of the right workspace?' }
        Write-Problem 'Could not start: nothing was removed.'
        $code = 3
    }
    elseif ($WhatIfPreference) {
        Write-Problem 'This was a rehearsal: nothing was removed.'
    }
    elseif ($stopped -or $open -or $told.Count) {
        Write-Problem "Not finished: $($open.Count) of $($account.Count) servers are not settled. See '$report', and run this again once the reasons are gone."
    }
    else {
        $rest = if ($acknowledged.Count) { ", but for what is acknowledged on $($acknowledged.Count) of them" }
        "No copy of the key is left on the $($account.Count) servers$rest. The account is in '$report'."
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

#requires -Version 5.1

<#
.SYNOPSIS
    Removes every SSH key of root from the servers of a RunCloud workspace that keep another way in.
.DESCRIPTION
    A rehearsal unless -Force is given: it prints what would be removed, and why a server would be left alone.

    A server is left as it is, and is reported, when:

    - no other user has a key there that can be read and is not a temporary one, which RunCloud removes by itself after 12 hours;
    - it is offline or was never connected, because then it would not be known whether the keys are gone;
    - its keys could not be read.

    A list of keys does not say whether another user has root's rights (sudo). Name the users who have them in -OtherUser.

    What goes is written to remove-root-20260302-043000-118.undo.xml in the folder before anything is removed; the time is in UTC.
    Import-Clixml of it, piped to Add-RunCloudSshCredential, puts the keys back.
.PARAMETER Folder
    Where the undo file goes. It must be there, and writable. The list of who had access is confidential: let only this
    account and the administrators read it.
.PARAMETER Force
    Removes. Without it nothing is changed.
.PARAMETER OtherUser
    Names of the users whose key counts as another way in, wildcards allowed; anybody but root if left out. Several can be one text
    with commas between, since powershell -File takes no lists.
.PARAMETER Server
    Names of the servers, wildcards allowed; all if left out. Several can be one text with commas between.
.PARAMETER TokenPath
    A file with the API token: what Export-Clixml makes of a SecureString, or plain text. Without it the connection of the session is
    used, or else the environment variable RUNCLOUD_API_TOKEN.
.EXAMPLE
    ./Remove-RootKey.ps1 -Folder ./root -OtherUser admin

    The rehearsal.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File /opt/runcloud/Remove-RootKey.ps1 -Folder /var/lib/runcloud/root -OtherUser admin -Force

    As a task runs it, against keys of root that come back.
.NOTES
    Exit codes:

    0  Every server was read, and no key of root is left.
    2  A server was left as it is, something could not be read, failed or is not confirmed, it was a rehearsal and keys are
       left, or it was ended early (Ctrl+C).
    3  It could not start: nothing was removed.

    Any other is PowerShell's own: it could not run the script (a wrong parameter, a file that is not there or blocked). The reasons,
    and what to do, are lines on the standard error.
.LINK
    Remove-RunCloudSshCredential
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Folder,

    [switch] $Force,

    [string[]] $OtherUser = @('*'),

    [string[]] $Server = @('*'),

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

function Split-Name {
    param([string[]] $Name)
    $Name -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ }
}

function Test-OtherWayIn {
    # Only an individual read says whether a credential is temporary.
    param($Server, [object[]] $Credential)
    foreach ($other in $Credential) {
        $meant = @($OtherUser | Where-Object { $other.User -like $_ })
        if ($other.User -cne 'root' -and $other.Fingerprint -and $meant) {
            $single = @(Get-RunCloudSshCredential -Server $Server -Id $other.Id -ErrorAction SilentlyContinue)
            if ($single -and $single[0].Temporary -eq $false) { return $true }
        }
    }
    return $false
}

function Export-Undo {
    # All of the file or nothing, never over another one, and on Unix for this account alone.
    param([object[]] $Credential, [string] $Path)
    $draft = "$Path.$PID.new"
    try {
        $Credential | Export-Clixml -LiteralPath $draft
        if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) { [IO.File]::SetUnixFileMode($draft, 'UserRead, UserWrite') }
        [IO.File]::Move($draft, $Path)
    }
    catch {
        $problem = $_
        try { [IO.File]::Delete($draft) } catch { Write-Problem "The draft '$draft' could not be deleted: $_" }
        throw "The file '$Path' could not be written: $problem Is the disk full?"
    }
}

$code = 2
$finished = $false
try {
    $servers = @()
    $failed = @()
    $kept = @()
    $removals = @()
    $doomed = [Collections.ArrayList]::new()
    $rehearsal = $WhatIfPreference -or -not $Force
    $undo = $null
    $stopped = $null
    try {
        $tokenFile = if ($TokenPath) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($TokenPath) }
        Import-RunCloud -TokenPath $tokenFile
        $place = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Folder)
        if (-not [IO.Directory]::Exists($place)) { throw "The folder '$place' is not there. Make it, and let this account write to it." }
        $OtherUser = @(Split-Name $OtherUser)

        $servers = @(Get-RunCloudServer -Name @(Split-Name $Server) -ErrorAction SilentlyContinue -ErrorVariable failed)
        $credentials = @($servers | Get-RunCloudSshCredential -ErrorAction SilentlyContinue -ErrorVariable +failed)
        if ($servers.Count -eq 0 -and -not $failed) { throw 'There was not one server to look at. Is the token that of the right workspace?' }

        $byServer = @{}
        foreach ($credential in $credentials) {
            if (-not $byServer.ContainsKey($credential.ServerId)) { $byServer[$credential.ServerId] = [Collections.ArrayList]::new() }
            $null = $byServer[$credential.ServerId].Add($credential)
        }
        foreach ($one in @($servers | Where-Object { $byServer.ContainsKey($_.Id) })) {
            $own = $byServer[$one.Id]
            $nameless = @($own | Where-Object { -not $_.User })
            if ($nameless) { $kept += "$($one.Name) has keys of which RunCloud does not say whose they are ($($nameless.Count)). See them in the dashboard." }
            $ids = @($own | Where-Object { $_.User -ceq 'root' } | ForEach-Object { $_.Id })
            if (-not $ids) { continue }

            # Read individually, so that the undo file says which are temporary.
            $whole = @()
            $obstacle = if (-not ($one.Online -and $one.Connected)) {
                'it is offline or was never connected. Run this again when it is back.'
            }
            elseif (-not (Test-OtherWayIn $one $own)) {
                'no other user is known to have a permanent key there. Give one to a user who may do what root may, and run this again.'
            }
            else {
                $whole = @(Get-RunCloudSshCredential -Server $one -Id $ids -ErrorAction SilentlyContinue -ErrorVariable +failed)
                if ($whole.Count -ne $ids.Count) { 'they could not be read one by one. Run this again.' }
            }
            if ($obstacle) {
                $kept += "$($one.Name) keeps its keys of root ($($ids.Count)): $obstacle"
            }
            else {
                $doomed.AddRange($whole)
            }
        }

        if ($rehearsal) {
            $doomed | Remove-RunCloudSshCredential -WhatIf
        }
        elseif ($doomed.Count) {
            $stamp = [DateTime]::UtcNow.ToString('yyyyMMdd-HHmmss-fff', [Globalization.CultureInfo]::InvariantCulture)
            $undo = [IO.Path]::Combine($place, "remove-root-$stamp.undo.xml")
            Export-Undo $doomed $undo

            # Not @( ): what came out before an error that ends the command must not be lost.
            $null = $doomed | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable +failed -OutVariable removals
        }
    }
    catch {
        $stopped = $_
    }

    foreach ($removal in $removals) { "'$($removal.Label)' of root on $($removal.ServerName): $($removal.Status)" }
    $reasons = @(@($failed) + $stopped | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { Get-Reason $_ }) + $kept
    $told = @{}
    foreach ($reason in $reasons) {
        # An error that ends a command comes twice.
        if (-not $told.ContainsKey($reason)) { Write-Problem $reason }
        $told[$reason] = $true
    }

    # Success is what the account says, not that there were no errors.
    $gone = @($removals | Where-Object { 'Removed', 'AlreadyAbsent' -contains "$($_.Status)" })
    if ($servers.Count -eq 0 -or ($stopped -and -not [IO.File]::Exists($undo))) {
        Write-Problem 'Could not start: nothing was removed.'
        $code = 3
    }
    elseif ($rehearsal -and $doomed.Count) {
        Write-Problem "This was a rehearsal: nothing was removed. -Force removes the $($doomed.Count) keys of root that are named above."
    }
    elseif ($told.Count -or $gone.Count -ne $doomed.Count) {
        Write-Problem "Not finished: $($gone.Count) keys of root are gone. Run this again once the reasons are gone."
    }
    else {
        "No key of root is left on the $($servers.Count) servers; $($gone.Count) were removed."
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
        $Host.UI.WriteErrorLine("$([IO.Path]::GetFileNameWithoutExtension($PSCommandPath)): " + 'It was ended early. What it was about to remove is in the folder''s newest undo file, where there is one. Run it again.')
    }
    exit $code
}

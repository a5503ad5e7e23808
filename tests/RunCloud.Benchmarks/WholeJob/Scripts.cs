namespace RunCloud.Benchmarks.WholeJob;

/// <summary>What the clients run. Endpoint, token and the key's comment come from the environment.</summary>
internal static class Scripts
{
    /// <summary>What a pwsh tells at the end of its script.</summary>
    private const string Cost =
        """

        $self = [Diagnostics.Process]::GetCurrentProcess()
        [string]::Format([cultureinfo]::InvariantCulture, 'cost {0} {1}', $self.TotalProcessorTime.TotalSeconds, $self.PeakWorkingSet64)
        """;

    /// <summary>The environment variable with the file of the fleet's keys.</summary>
    public const string KeysVariable = "RUNCLOUD_BENCHMARK_KEYS";

    /// <summary>The variable with a credential for each of them.</summary>
    public const string RowsVariable = "rows";

    /// <summary>The variable with the assembly of the commands that do nothing.</summary>
    public const string AssemblyVariable = "idle";

    /// <summary>A session that only has the module imported.</summary>
    public const string Nothing = "$null";

    /// <summary>What the shell itself takes to pass objects on and to compare them.</summary>
    public static string Where => $"${RowsVariable} | Where-Object PublicKey -like '*dave@laptop'";

    /// <summary>The shell's own part of a pipeline of three commands, without the work.</summary>
    public static string Idle(int servers) => $"Import-Module -Assembly ${AssemblyVariable}\nGet-IdleServer {servers} | Get-IdleCredential | Remove-IdleCredential -Confirm:$false";

    /// <summary>This module's pipeline.</summary>
    public static string Module(int throttle) =>
        $$"""
        Get-RunCloudServer |
            Get-RunCloudSshCredential -ThrottleLimit {{throttle}} -WarningAction Ignore |
            Where-Object PublicKey -like '*dave@laptop' |
            Remove-RunCloudSshCredential -ThrottleLimit {{throttle}} -Confirm:$false -ErrorAction SilentlyContinue
        """;

    /// <summary>The same job asked for by the key, so that rows that do not match become no objects.</summary>
    public static string ModuleByKey(int throttle) =>
        $$"""
        Get-RunCloudServer |
            Get-RunCloudSshCredential -Key $env:RUNCLOUD_BENCHMARK_KEY -ThrottleLimit {{throttle}} -ErrorAction SilentlyContinue |
            Remove-RunCloudSshCredential -ThrottleLimit {{throttle}} -Confirm:$false -ErrorAction SilentlyContinue
        """;

    /// <summary>Until the first credential is out: then everything is stopped.</summary>
    public static string First(int throttle) =>
        $"Get-RunCloudServer | Get-RunCloudSshCredential -ThrottleLimit {throttle} -WarningAction Ignore | Select-Object -First 1";

    public static string InPwsh(string manifest, string script) => $"Import-Module '{manifest}'\n{script}\n{Cost}";

    /// <summary>What somebody fluent in PowerShell would write without a module, pages and parallel work included.</summary>
    public static string InvokeRestMethod(int throttle) =>
        $$"""
        $endpoint = $env:RUNCLOUD_API_ENDPOINT
        $headers = @{ Authorization = "Bearer $env:RUNCLOUD_API_TOKEN"; Accept = 'application/json' }
        $page = 0
        $servers = do {
            $page++
            $answer = Invoke-RestMethod "$endpoint/servers?page=$page&perPage=40" -Headers $headers
            $answer.data
        } while ($page -lt $answer.meta.pagination.total_pages)
        $servers | ForEach-Object -Parallel {
            $headers = $using:headers
            $base = "$using:endpoint/servers/$($_.id)/ssh/credentials"
            $page = 0
            $keys = do {
                $page++
                $answer = Invoke-RestMethod "${base}?page=$page&perPage=40" -Headers $headers
                $answer.data
            } while ($page -lt $answer.meta.pagination.total_pages)
            $keys | Where-Object publicKey -like '*dave@laptop' | ForEach-Object {
                $null = Invoke-RestMethod "$base/$($_.id)" -Method Delete -Headers $headers
            }
        } -ThrottleLimit {{throttle}}
        {{Cost}}
        """;
}

using System.Globalization;
using System.Reflection;
using System.Security;
using RunCloud.Api;

namespace RunCloud.DesktopJob;

/// <summary>
/// Lists the servers of a workspace, revokes one key and tells what came of it, in lines of a name and a value. It runs under Mono, or on
/// .NET Framework, with the assemblies of the Desktop folder. The tests start it; see RunCloud.Platform.Tests.
/// </summary>
/// <remarks>
/// Arguments: endpoint, token, number of retries, seconds that a wait for the rate limit may last, and a public key to revoke. Without a
/// key it only lists servers. The variable RUNCLOUD_JOB_CERTIFICATE names a certificate file (DER) that Mono is to trust; it is put into the store
/// below XDG_CONFIG_HOME.
/// </remarks>
public static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // .NET Framework has this assembly. Debian's mono-runtime has its types, but no assembly of that name.
        AppDomain.CurrentDomain.AssemblyResolve += (sender, asked) =>
            new AssemblyName(asked.Name).Name is "System.ValueTuple" or "netstandard" ? typeof(ValueTuple).Assembly : null;
        var api = typeof(RunCloudClient).Assembly;
        Tell("runtime", Type.GetType("Mono.Runtime") is null ? "not Mono" : "Mono");
        Tell("api", Path.GetFullPath(api.Location) + " " + api.ManifestModule.ModuleVersionId.ToString("D"));
        if (Environment.GetEnvironmentVariable("RUNCLOUD_JOB_CERTIFICATE") is { Length: > 0 } certificate)
        {
            Trust(File.ReadAllBytes(certificate));
        }

        using var token = new SecureString();
        foreach (var character in arguments[1])
        {
            token.AppendChar(character);
        }

        var options = new RunCloudClientOptions
        {
            Endpoint = new Uri(arguments[0]),
            Token = token,
            MaximumRetryCount = int.Parse(arguments[2], CultureInfo.InvariantCulture),
            MaximumWait = TimeSpan.FromSeconds(int.Parse(arguments[3], CultureInfo.InvariantCulture)),
            Jitter = () => 0,
        };
        using var root = new RunCloudClient(options);
        var observer = new Observer();
        var client = root.For(observer);
        var exitCode = 0;
        try
        {
            await WorkAsync(client, arguments.Length > 4 ? arguments[4] : null).ConfigureAwait(false);
        }
        catch (RunCloudException exception)
        {
            Tell("error", exception.Error.ToString());
            exitCode = 1;
        }

        Tell("retries", observer.Retries.ToString(CultureInfo.InvariantCulture));
        Tell("rate waits", observer.RateWaits.ToString(CultureInfo.InvariantCulture));
        Tell("json", AssemblyOf("System.Text.Json"));
        return exitCode;
    }

    private static async Task WorkAsync(RunCloudClient client, string? key)
    {
        var servers = new List<Server>();
        var enumerator = client.GetServersAsync(CancellationToken.None).GetAsyncEnumerator();
        try
        {
            while (await enumerator.MoveNextAsync().ConfigureAwait(false))
            {
                servers.Add(enumerator.Current);
            }
        }
        finally
        {
            await enumerator.DisposeAsync().ConfigureAwait(false);
        }

        Tell("servers", servers.Count.ToString(CultureInfo.InvariantCulture));
        if (key is null)
        {
            return;
        }

        var query = new SshCredentialQuery { Keys = [SshKeySelector.Parse(key)] };
        var removals = new List<SshCredentialRemoval>();
        foreach (var server in servers)
        {
            var found = await client.FindSshCredentialsAsync(server.Id, server, query, CancellationToken.None).ConfigureAwait(false);
            foreach (var credential in found.Credentials)
            {
                removals.Add(await client.RemoveSshCredentialAsync(credential, CancellationToken.None).ConfigureAwait(false));
            }
        }

        var verified = await client.VerifyRemovalsAsync(removals, CancellationToken.None).ConfigureAwait(false);
        foreach (var status in verified.GroupBy(removal => removal.Status))
        {
            Tell(status.Key.ToString(), status.Count().ToString(CultureInfo.InvariantCulture));
        }
    }

    // The type is in Mono alone. Its HttpClient asks no callback, only this store.
    private static void Trust(byte[] certificate)
    {
        var security = Assembly.Load("Mono.Security, Version=4.0.0.0, Culture=neutral, PublicKeyToken=0738eb9f132ed756");
        var stores = security.GetType("Mono.Security.X509.X509StoreManager", throwOnError: true)!.GetProperty("NewCurrentUser")!.GetValue(null);
        var root = stores.GetType().GetProperty("TrustedRoot")!.GetValue(stores);
        var type = security.GetType("Mono.Security.X509.X509Certificate", throwOnError: true)!;
        _ = root.GetType().GetMethod("Import", [type])!.Invoke(root, [Activator.CreateInstance(type, certificate)]);
    }

    private static string AssemblyOf(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == name).Select(assembly => Path.GetFullPath(assembly.Location)).SingleOrDefault() ?? "none";

    private static void Tell(string name, string value) => Console.WriteLine(name + ": " + value);

    private sealed class Observer : IRequestObserver
    {
        private int _retries;
        private int _rateWaits;

        public int Retries => Volatile.Read(ref _retries);

        public int RateWaits => Volatile.Read(ref _rateWaits);

        public void OnRateWait(DateTimeOffset until) => Interlocked.Increment(ref _rateWaits);

        public void OnRateWaitOver()
        {
        }

        public bool WantsHeaders => true;

        public void OnRequest(RequestTrace trace)
        {
            if (trace.Attempt > 1)
            {
                _ = Interlocked.Increment(ref _retries);
            }
        }

        public void OnServerWait(DateTimeOffset until)
        {
        }
    }
}

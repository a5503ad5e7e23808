namespace RunCloud.Api;

/// <summary>Reads whether credentials are temporary, which no list says, so that they can be put back as they were.</summary>
internal static class UndoReading
{
    /// <summary>
    /// The plan with the known values of Temporary, which no list says, and the credentials for which it could not be read, with the
    /// reason. Nothing else of the plan is changed, because an individual answer may lack the key or shorten it.
    /// </summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudException.IsFatal"/>.</exception>
    internal static async Task<(ServerPlan Plan, IReadOnlyList<SshCredentialProblem> Unread)> CompleteAsync(
        RunCloudClient client, ServerPlan plan, CancellationToken cancellation)
    {
        var read = new Dictionary<long, SshCredential>();
        var unread = new List<SshCredentialProblem>();
        foreach (var credential in plan.Credentials)
        {
            if (credential.Temporary is not null)
            {
                continue;
            }

            try
            {
                var single = await client.GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false);
                read[credential.Id] = single.Temporary is { } temporary
                    ? credential.Known(temporary)
                    : throw new RunCloudException(RunCloudError.InvalidResponse, "The API's answer does not say.");
            }
            catch (RunCloudException e) when (!e.IsFatal)
            {
                unread.Add(new SshCredentialProblem(credential, credential.Id, await WhyUnreadAsync(client, credential, e, cancellation).ConfigureAwait(false)));
            }
        }

        return (plan.With(read), unread);
    }

    /// <summary>Why a credential could not be read individually. "Not found" is accepted only if the list no longer has it.</summary>
    private static async Task<RunCloudException> WhyUnreadAsync(
        RunCloudClient client, SshCredential credential, RunCloudException failure, CancellationToken cancellation)
    {
        if (failure.Error != RunCloudError.SshCredentialNotFound)
        {
            return failure;
        }

        try
        {
            return await client.ListsAsync(credential, cancellation).ConfigureAwait(false) ? new RunCloudException(RunCloudError.InvalidResponse, $"{failure.Message} The list still has it.") : failure;
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return e;
        }
    }
}

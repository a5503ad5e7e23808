namespace RunCloud.Api;
internal static class Placeholder { internal const int X = 1; }

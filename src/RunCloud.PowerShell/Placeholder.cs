namespace RunCloud.PowerShell;
internal static class Placeholder { internal const int X = 1; }

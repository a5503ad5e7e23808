using System; Console.WriteLine(args.Length);

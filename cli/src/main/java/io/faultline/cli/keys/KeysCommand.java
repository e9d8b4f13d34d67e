package io.faultline.cli.keys;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code faultline keys}: certificates and a token for tests. */
@Command(
    name = "keys",
    description = {
      "Create test certificates for --tls and a token for --token-file.",
      "The CA that issues the certificates is created, too; its key is not stored."
    },
    footer = {"", "Exit codes: 0 created, 1 failed, 2 wrong use."})
public final class KeysCommand implements Callable<Integer> {
  private static final int MOST_DAYS = 3650;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR",
      arity = "1",
      description = "Directory to create; an existing one must be empty.")
  private @Nullable Path directory;

  @Option(
      names = "--host",
      paramLabel = "HOST,...",
      hideParamSyntax = true,
      split = ",",
      description =
          "Names and addresses of the destination, besides localhost and the name of this machine.")
  private List<String> hosts = List.of();

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description =
          "Days for which the certificates are valid, 1 to 3650 (default: ${DEFAULT-VALUE}).")
  private int days;

  @Override
  public Integer call() throws IOException {
    Path to = directory;
    if (to == null || days < 1 || days > MOST_DAYS) {
      throw new ParameterException(
          spec.commandLine(), "--days of " + days + ": give 1 to " + MOST_DAYS);
    }
    KeySet.create(to, hosts, days);
    PrintWriter out = spec.commandLine().getOut();
    out.println("created " + to + ", valid for " + days + " days:");
    out.println("  " + to + "         for demo --tls, and for both sides on this machine");
    out.println("  " + to.resolve(KeySet.SOURCE) + "  for source --tls");
    out.println("  " + to.resolve(KeySet.DESTINATION) + "    for dest --tls");
    out.println("  " + to.resolve(KeySet.TOKEN) + "   for --token-file");
    out.println("The CA's key is not stored: for other hosts, create another set.");
    out.flush();
    return ExitCode.OK;
  }
}

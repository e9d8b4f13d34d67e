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

/** {@code faultline keys}: certificates and a token, to try security with. */
@Command(
    name = "keys",
    description = {
      "Makes a CA, certificates for a source and a destination, and a token, to try --tls and",
      "--token-file with."
    },
    footer = {"", "Exit codes: 0 made, 1 failed, 2 wrong use."})
public final class KeysCommand implements Callable<Integer> {
  private static final int MOST_DAYS = 3650;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR",
      arity = "1",
      description = "The directory to make; where it exists it has to be empty.")
  private @Nullable Path directory;

  @Option(
      names = "--host",
      paramLabel = "HOST,...",
      split = ",",
      description =
          "Further names and addresses that the destination is reached at, beside this machine's"
              + " name and loopback.")
  private List<String> hosts = List.of();

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description = "How long the certificates are valid (default: ${DEFAULT-VALUE}).")
  private int days;

  @Override
  public Integer call() throws IOException {
    Path to = directory;
    if (to == null || days < 1 || days > MOST_DAYS) {
      throw new ParameterException(
          spec.commandLine(), "--days of " + days + ": give 1 to " + MOST_DAYS);
    }
    KeySet.make(to, hosts, days);
    PrintWriter out = spec.commandLine().getOut();
    out.println("made " + to + ", for " + days + " days:");
    out.println("  " + to + "               for demo --tls, and for either end on this machine");
    out.println("  " + to.resolve(KeySet.SOURCE) + "        for source --tls");
    out.println("  " + to.resolve(KeySet.DESTINATION) + "          for dest --tls");
    out.println("  " + to.resolve(KeySet.TOKEN) + "         for --token-file");
    out.println("The CA's key is not kept: for other names, make another set.");
    out.flush();
    return ExitCode.OK;
  }
}

package io.faultline.cli.restore;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.SecurityChoice;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How {@code page-server --source} and {@code lazy-pages --from} authenticate each other. */
@InGroup(OptionGroup.NETWORK)
final class WireOptions {
  /** The set of keys of the side that connects: its certificate is for clients. */
  static final String CLIENT = "source";

  /** The set of keys of the side that listens: its certificate is for servers, and names them. */
  static final String SERVER = "dest";

  private static final String KEYS = "--keys";

  @Option(
      names = KEYS,
      paramLabel = "DIR",
      description =
          "On the wire between Faultline's commands: encrypt and authenticate with certificates:"
              + " DIR has ca.pem, cert.pem and key.pem, or was made by the command keys.")
  private @Nullable Path keys;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "On the wire between Faultline's commands: authenticate with a shared token, without"
              + " encryption. The variable FAULTLINE_TOKEN can hold the token instead.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--insecure",
      description =
          "On the wire between Faultline's commands: permit other addresses than loopback without"
              + " --keys and without a token.")
  private boolean insecure;

  /**
   * How to authenticate.
   *
   * @param side {@link #CLIENT} or {@link #SERVER}: the subdirectory of a key set
   * @throws UsageException if the options do not combine, a key cannot be read, or the address is
   *     unprotected
   */
  Security security(String side, String option, InetSocketAddress address) {
    return new SecurityChoice(KEYS, keys, tokenFile, insecure)
        .security(side, option, List.of(address));
  }

  /**
   * Checks that none of these was given: they would protect nothing.
   *
   * @param wire the option that they are for
   * @throws UsageException otherwise
   */
  void requireNone(String wire) {
    if (keys != null || tokenFile != null || insecure) {
      throw new UsageException(
          "--keys, --token-file and --insecure are for "
              + wire
              + "; a connection to CRIU is protected by --tls");
    }
  }
}

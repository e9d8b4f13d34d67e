package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How source and destination authenticate each other. */
@InGroup(OptionGroup.NETWORK)
final class SecurityOptions {
  @Option(
      names = "--tls",
      paramLabel = "DIR",
      description =
          "Encrypt and authenticate with certificates: DIR has ca.pem, cert.pem and key.pem, or was"
              + " made by the command keys.")
  private @Nullable Path tls;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Authenticate with a shared token, without encryption. The variable FAULTLINE_TOKEN can"
              + " hold the token instead.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--insecure",
      description = "Permit other addresses than loopback without --tls and without a token.")
  private boolean insecure;

  /** See {@link CommonNodeOptions#security}. */
  Security security(String side, String option, List<InetSocketAddress> addresses) {
    return new SecurityChoice("--tls", tls, tokenFile, insecure).security(side, option, addresses);
  }

  List<String> toArguments() {
    List<String> arguments = new ArrayList<>();
    if (tls != null) {
      arguments.add("--tls=" + tls);
    }
    if (tokenFile != null) {
      arguments.add("--token-file=" + tokenFile);
    }
    if (insecure) {
      arguments.add("--insecure");
    }
    return arguments;
  }

  boolean isEncrypted() {
    return tls != null;
  }
}

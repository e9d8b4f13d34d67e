package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.security.MutualTls;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How source and destination authenticate each other. */
@InGroup(OptionGroup.NETWORK)
final class SecurityOptions {
  /** May hold the token instead of a file; inherited by child processes. */
  private static final String TOKEN_VARIABLE = "FAULTLINE_TOKEN";

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
    Security security = security(side);
    for (InetSocketAddress address : addresses) {
      requireProtected(security, option, address);
    }
    return security;
  }

  private Security security(String side) {
    if (tls != null && tokenFile != null) {
      throw new UsageException(
          "--tls and --token-file: certificates already authenticate the peer; leave the token"
              + " out");
    }
    if (insecure && (tls != null || tokenFile != null)) {
      throw new UsageException(
          "--insecure is for nodes with neither --tls nor --token-file; leave it out");
    }
    try {
      return tls != null ? Security.tls(MutualTls.load(directory(tls, side))) : withoutTls();
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private Security withoutTls() throws IOException {
    String variable = System.getenv(TOKEN_VARIABLE);
    if (tokenFile != null) {
      return Security.token(token("--token-file " + tokenFile, readToken(tokenFile)));
    }
    if (insecure) {
      return Security.INSECURE;
    }
    return variable == null || variable.isEmpty()
        ? Security.LOOPBACK_ONLY
        : Security.token(token(TOKEN_VARIABLE, variable));
  }

  private static SharedKey token(String origin, String text) {
    try {
      return SharedKey.ofToken(text.strip().getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(origin + " has " + e.getMessage(), e);
    }
  }

  private static String readToken(Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException("--token-file " + file + " cannot be read");
    }
    if (Files.size(file) > 2 * SharedKey.MAX_TOKEN_BYTES) {
      throw new IOException("--token-file " + file + " is too long for a token");
    }
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  /** A key set has a subdirectory for each side. */
  private static Path directory(Path given, String side) {
    Path ofSide = given.resolve(side);
    boolean isKeySet =
        !Files.exists(given.resolve(MutualTls.CERTIFICATE)) && Files.isDirectory(ofSide);
    return isKeySet ? ofSide : given;
  }

  private static void requireProtected(
      Security security, String option, InetSocketAddress address) {
    try {
      security.require(address);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          option
              + ": "
              + e.getMessage()
              + "; give both sides --tls or --token-file, or --insecure on a closed network");
    }
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

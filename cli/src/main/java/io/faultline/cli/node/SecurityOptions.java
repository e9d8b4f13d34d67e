package io.faultline.cli.node;

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

/** How both ends know each other. */
final class SecurityOptions {
  /** Where a token may be instead of in a file; children of this process have it too. */
  private static final String TOKEN_VARIABLE = "FAULTLINE_TOKEN";

  @Option(
      names = "--tls",
      paramLabel = "DIR",
      description =
          "Encrypt, with certificates at both ends: a directory with ca.pem, cert.pem and key.pem,"
              + " or one that the command keys has made.")
  private @Nullable Path tls;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Have the other end prove that it has the same token, without encryption; or set"
              + " FAULTLINE_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--insecure",
      description =
          "Use other addresses than loopback without either, on a network that nobody else is on.")
  private boolean insecure;

  /**
   * What the options say.
   *
   * @param end source or dest: the directory of a key set that is this node's
   * @throws UsageException where they cannot be
   */
  Security security(String end) {
    if (tls != null && tokenFile != null) {
      throw new UsageException(
          "--tls and --token-file: TLS tells who the other end is; leave the token out");
    }
    if (insecure && (tls != null || tokenFile != null)) {
      throw new UsageException(
          "--insecure is for nodes with neither --tls nor --token-file; leave it out");
    }
    try {
      return tls != null ? Security.tls(MutualTls.load(directory(tls, end))) : withoutTls();
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

  private static SharedKey token(String from, String text) {
    try {
      return SharedKey.ofToken(text.strip().getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(from + " has " + e.getMessage(), e);
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

  /** A set of both ends has a directory for each. */
  private static Path directory(Path given, String end) {
    Path ofEnd = given.resolve(end);
    boolean isSet = !Files.exists(given.resolve(MutualTls.CERTIFICATE)) && Files.isDirectory(ofEnd);
    return isSet ? ofEnd : given;
  }

  /**
   * Refuses an address that nothing would protect.
   *
   * @param option that named the address
   */
  static void require(Security security, String option, InetSocketAddress address) {
    try {
      security.require(address);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          option
              + ": "
              + e.getMessage()
              + "; give both ends --tls or --token-file, or --insecure on a closed network");
    }
  }

  /** The same options as arguments for another process. */
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

  /** Whether what goes over the network cannot be read there. */
  boolean isEncrypted() {
    return tls != null;
  }
}

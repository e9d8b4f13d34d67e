package io.faultline.cli.mixin;

import io.faultline.cli.options.UsageException;
import io.faultline.proto.security.MutualTls;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user chose to authenticate source and destination with.
 *
 * @param tlsOption the name of the option of {@code tls}
 * @param tls a directory of certificates; null for none
 * @param tokenFile null for none
 * @param insecure whether other addresses than loopback are permitted without either
 */
public record SecurityChoice(
    String tlsOption, @Nullable Path tls, @Nullable Path tokenFile, boolean insecure) {
  /** May hold the token instead of a file; inherited by child processes. */
  private static final String TOKEN_VARIABLE = "FAULTLINE_TOKEN";

  /**
   * How to authenticate.
   *
   * @param side the subdirectory of a key set that is this side's
   * @param option the option that named the addresses
   * @param addresses to connect to or to listen on; the security must protect them
   * @throws UsageException if the options do not combine, a key cannot be read, or an address is
   *     unprotected
   */
  public Security security(String side, String option, List<InetSocketAddress> addresses) {
    Security security = security(side);
    for (InetSocketAddress address : addresses) {
      requireProtected(security, option, address);
    }
    return security;
  }

  private Security security(String side) {
    if (tls != null && tokenFile != null) {
      throw new UsageException(
          tlsOption
              + " and --token-file: certificates already authenticate the peer; leave the token"
              + " out");
    }
    if (insecure && (tls != null || tokenFile != null)) {
      throw new UsageException(
          "--insecure is for nodes with neither " + tlsOption + " nor --token-file; leave it out");
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

  private void requireProtected(Security security, String option, InetSocketAddress address) {
    try {
      security.require(address);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          option
              + ": "
              + e.getMessage()
              + "; give both sides "
              + tlsOption
              + " or --token-file, or --insecure on a closed network");
    }
  }
}

package io.faultline.cli.keys;

import io.faultline.cli.keys.CertificateAuthority.Use;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Keys for both kinds of security: the directories {@code source} and {@code dest} for {@code
 * --tls}, and the file {@code token} for {@code --token-file}. One CA issues both certificates; its
 * key is not stored.
 */
final class KeySet {
  static final String SOURCE = "source";
  static final String DESTINATION = "dest";
  static final String TOKEN = "token";

  private static final int TOKEN_BYTES = 32;

  /** How far the clocks of two machines may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);

  private KeySet() {}

  /**
   * Creates a set.
   *
   * @param directory does not exist, or is empty
   * @param moreHosts names and addresses of the destination, besides those of this machine
   */
  static void create(Path directory, List<String> moreHosts, int days) throws IOException {
    if (Files.exists(directory)) {
      requireEmpty(directory);
    } else {
      IssuedCertificate.createDirectory(directory);
    }
    Instant from = Instant.now().minus(CLOCK_SKEW);
    Instant until = Instant.now().plus(Duration.ofDays(days));
    CertificateAuthority authority = new CertificateAuthority("Faultline test CA", from, until);
    authority
        .issue("faultline source", Use.SOURCE, List.of(), from, until)
        .write(directory.resolve(SOURCE));
    authority
        .issue("faultline destination", Use.DESTINATION, hosts(moreHosts), from, until)
        .write(directory.resolve(DESTINATION));
    byte[] token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    IssuedCertificate.writeNew(directory.resolve(TOKEN), HexFormat.of().formatHex(token) + "\n");
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + " is not a directory");
    }
    try (var entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw new IOException(
            directory + " is not empty: keys are never overwritten; name another directory");
      }
    }
  }

  private static List<String> hosts(List<String> more) {
    List<String> hosts = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
    try {
      hosts.add(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      assert hosts.size() == 3 : e; // a machine without a name has only addresses
    }
    hosts.addAll(more);
    return hosts.stream().distinct().toList();
  }
}

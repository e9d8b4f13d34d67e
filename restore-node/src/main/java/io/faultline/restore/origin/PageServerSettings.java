package io.faultline.restore.origin;

import io.faultline.restore.pageserver.CriuTls;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a page server.
 *
 * @param host a name or an address of IPv4 or IPv6; for an adopted socket only for messages and for
 *     the name in the server's certificate
 * @param port 1 to 65535; not used for an adopted socket
 * @param descriptor of a connected TCP socket to adopt; -1 to connect
 * @param tls null for plain text
 * @param silenceSeconds how long the server may send nothing while it has something to answer
 */
public record PageServerSettings(
    String host, int port, int descriptor, @Nullable CriuTls tls, int silenceSeconds) {
  /** Long enough for a server that reads from a busy disk. */
  public static final int SILENCE_SECONDS = 30;

  public PageServerSettings {
    if (descriptor < 0 && (port < 1 || port > 0xffff)) {
      throw new IllegalArgumentException("port " + port + ": must be 1 to 65535");
    }
    if (silenceSeconds < 1) {
      throw new IllegalArgumentException("silence of " + silenceSeconds + " s: at least 1 s");
    }
  }

  /** A server in plain text. */
  public static PageServerSettings of(String host, int port) {
    return new PageServerSettings(host, port, -1, null, SILENCE_SECONDS);
  }

  boolean isAdopted() {
    return descriptor >= 0;
  }

  /** For messages. */
  String name() {
    if (isAdopted()) {
      return "the page server at socket " + descriptor;
    }
    boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
    return "page server " + (bare ? "[" + host + "]" : host) + ":" + port;
  }
}

package io.faultline.cli.options;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/**
 * An address on the command line: {@code host:port}, {@code 10.0.0.1:7000}, {@code [::1]:7000}, or
 * {@code :7000} for all addresses of this machine.
 *
 * @param host a name, or an address without brackets; empty for all addresses
 * @param port 0 to 65535; a listener with port 0 gets a free port
 */
public record HostPort(String host, int port) {

  /**
   * Parses an address, without resolving the host.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  public static HostPort parse(String text) {
    String address = text.strip();
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("'" + text + "' has no port: use HOST:PORT");
    }
    return new HostPort(
        host(address.substring(0, colon), text), port(address.substring(colon + 1)));
  }

  /**
   * Resolves the host, which can block for long.
   *
   * @param option that has this address as its value
   * @throws UsageException if the host is unknown
   */
  public InetSocketAddress resolve(String option) {
    try {
      return resolve();
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          option + ": " + e.getMessage() + "; give a name that is known here, or an address");
    }
  }

  /**
   * Resolves the host, which can block for long.
   *
   * @throws IllegalArgumentException if the host is unknown
   */
  public InetSocketAddress resolve() {
    InetSocketAddress address =
        host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("unknown host '" + host + "'");
    }
    return address;
  }

  /** The address of a socket. */
  public static HostPort of(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort());
  }

  @Override
  public String toString() {
    return NetUtil.toSocketAddressString(host, port);
  }

  private static String host(String host, String text) {
    if (host.startsWith("[") && host.endsWith("]") && host.length() > 2) {
      return host.substring(1, host.length() - 1);
    }
    if (host.contains(":")) {
      throw new IllegalArgumentException(
          "'" + text + "' has too many colons: put an IPv6 address in brackets, [::1]:7000");
    }
    if (host.contains("/") || host.contains(" ") || host.contains("[") || host.contains("]")) {
      throw new IllegalArgumentException("'" + text + "' is not an address: use HOST:PORT");
    }
    return host;
  }

  private static int port(String digits) {
    if (digits.matches("\\d{1,5}")) {
      int port = Integer.parseInt(digits);
      if (port <= 65535) {
        return port;
      }
    }
    throw new IllegalArgumentException("'" + digits + "' is not a port: use 0 to 65535");
  }
}

package io.faultline.proto;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The text form of a socket address, in messages, labels and results. */
public final class SocketAddresses {
  private SocketAddresses() {}

  /**
   * Returns {@code host:port}, an IPv6 address in brackets. The host is the name that the address
   * was created with, otherwise the numeric address: names are not looked up. An address of another
   * kind is returned in its own form, a missing one as {@code unknown address}.
   */
  public static String format(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return address == null ? "unknown address" : address.toString();
    }
    InetAddress ip = inet.getAddress();
    String host = inet.getHostString();
    boolean numeric = ip != null && host.equals(ip.getHostAddress());
    boolean scoped = host.contains("%"); // which NetUtil leaves out of a numeric address
    return numeric && !scoped
        ? NetUtil.toSocketAddressString(inet)
        : NetUtil.toSocketAddressString(host, inet.getPort());
  }
}

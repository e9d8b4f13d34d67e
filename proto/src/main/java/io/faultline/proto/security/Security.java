package io.faultline.proto.security;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node authenticates its peers: by certificates over TLS, by a shared token, or not at all.
 * Without authentication it uses loopback addresses only, unless the operator declares the network
 * safe. Immutable.
 */
public final class Security {
  /** Neither TLS nor a token: loopback addresses only. */
  public static final Security LOOPBACK_ONLY = new Security(null, null, false);

  /** Neither TLS nor a token, on any address: for a network that only the nodes use. */
  public static final Security INSECURE = new Security(null, null, true);

  private final @Nullable MutualTls tls;
  private final @Nullable SharedKey token;
  private final boolean anyAddress;

  private Security(@Nullable MutualTls tls, @Nullable SharedKey token, boolean anyAddress) {
    this.tls = tls;
    this.token = token;
    this.anyAddress = anyAddress;
  }

  /** All connections are encrypted, and both sides have certificates of the same CA. */
  public static Security tls(MutualTls tls) {
    return new Security(tls, null, true);
  }

  /** Both sides prove at the start of each connection that they know the same token. */
  public static Security token(SharedKey token) {
    return new Security(null, token, true);
  }

  public Optional<MutualTls> tls() {
    return Optional.ofNullable(tls);
  }

  public Optional<SharedKey> token() {
    return Optional.ofNullable(token);
  }

  /**
   * Whether each migration needs a session key to authenticate its further connections, since there
   * is neither TLS nor a token.
   */
  public boolean needsSessionKey() {
    return tls == null && token == null;
  }

  /** Whether the node may listen on this address or connect to it. */
  public boolean allows(InetSocketAddress address) {
    return anyAddress || (!address.isUnresolved() && address.getAddress().isLoopbackAddress());
  }

  /**
   * Refuses an address that is not loopback if there is no authentication.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public void require(InetSocketAddress address) {
    if (!allows(address)) {
      throw new IllegalArgumentException(
          address.getHostString()
              + " is not a loopback address: without TLS and without a token, anyone on that"
              + " network could send a VM or read its memory");
    }
  }
}

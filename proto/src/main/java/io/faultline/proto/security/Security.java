package io.faultline.proto.security;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node knows its peers: by certificates over TLS, by a token that both have, or not at all.
 * In the last case it deals with this machine alone, unless it was told that the network is safe.
 * Immutable.
 */
public final class Security {
  /** Neither TLS nor a token: loopback addresses only. */
  public static final Security LOOPBACK_ONLY = new Security(null, null, false);

  /** Neither TLS nor a token, on a network that nobody else is on. */
  public static final Security INSECURE = new Security(null, null, true);

  private final @Nullable MutualTls tls;
  private final @Nullable SharedKey token;
  private final boolean anyAddress;

  private Security(@Nullable MutualTls tls, @Nullable SharedKey token, boolean anyAddress) {
    this.tls = tls;
    this.token = token;
    this.anyAddress = anyAddress;
  }

  /** All connections are encrypted, and both ends have certificates of the same CA. */
  public static Security tls(MutualTls tls) {
    return new Security(tls, null, true);
  }

  /** Both ends prove at the start of each connection that they know the same token. */
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
   * Whether the connections of one migration need a key of their own, since nothing else tells who
   * makes them.
   */
  public boolean needsSessionKey() {
    return tls == null && token == null;
  }

  /** Whether it may listen there, or connect to there. */
  public boolean allows(InetSocketAddress address) {
    return anyAddress || (!address.isUnresolved() && address.getAddress().isLoopbackAddress());
  }

  /**
   * Refuses an address that nothing but trust in the network would protect.
   *
   * @throws IllegalArgumentException with the reason, for a person
   */
  public void require(InetSocketAddress address) {
    if (!allows(address)) {
      throw new IllegalArgumentException(
          address.getHostString()
              + " is not a loopback address, and without TLS and without a token anybody there"
              + " could send a VM, or read one");
    }
  }
}

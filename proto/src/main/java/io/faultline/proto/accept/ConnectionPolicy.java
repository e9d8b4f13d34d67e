package io.faultline.proto.accept;

import io.faultline.proto.WireException;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Hello;
import org.jspecify.annotations.Nullable;

/** Decides which peers are accepted. Called on the accept loop. */
public interface ConnectionPolicy {
  /**
   * The session key that this peer must prove to know; null if it need not prove anything. Not
   * called if the node has a token: the peer must prove that one then.
   */
  @Nullable SharedKey sessionKey(Hello hello);

  /**
   * Accepts a peer that has proved what it had to.
   *
   * @return where its connection goes
   * @throws WireException if the peer is refused, with the reason
   */
  Admission admit(Peer peer) throws WireException;
}

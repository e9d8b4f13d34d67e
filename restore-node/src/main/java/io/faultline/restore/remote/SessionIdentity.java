package io.faultline.restore.remote;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a page source knows its client by: the first connection's id belongs to the client until the
 * end. A program that takes over from another continues with its identity. Immutable.
 *
 * @param id 16 bytes, random
 * @param key the session key that the page source gave, without TLS and token; else null. Secret
 * @param attempt the number of the last set of connections; 0 for none
 */
public record SessionIdentity(ByteString id, @Nullable SharedKey key, int attempt) {
  public SessionIdentity {
    if (id.size() != Hellos.MIGRATION_ID_BYTES || attempt < 0) {
      throw new IllegalArgumentException(
          "an identity of " + id.size() + " bytes, after " + attempt + " attempts");
    }
  }

  /** A new one. */
  public static SessionIdentity create(RandomGenerator random) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    random.nextBytes(id);
    return new SessionIdentity(ByteString.copyFrom(id), null, 0);
  }
}

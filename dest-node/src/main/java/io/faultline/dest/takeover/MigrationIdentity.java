package io.faultline.dest.takeover;

import com.google.protobuf.ByteString;

/**
 * What does not change during a migration, and what a destination must know to be the same one for
 * the source. Immutable.
 *
 * @param hello of the first control connection, as on the wire
 * @param owner the subject of the source's certificate; empty without TLS
 * @param sessionKey which the source got from this destination; empty for none. A secret
 * @param description of the VM, as on the wire
 */
public record MigrationIdentity(
    ByteString hello, String owner, ByteString sessionKey, ByteString description) {}

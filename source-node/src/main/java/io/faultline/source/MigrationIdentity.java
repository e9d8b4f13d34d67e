package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a migration across several source processes.
 *
 * @param migrationId {@link Hellos#MIGRATION_ID_BYTES} bytes, by which the destination knows it
 * @param attemptsBefore the highest attempt number that an earlier process may have used; 0 if
 *     there was none
 * @param committed whether an earlier process sent RUN, or was about to: the VM must not run at the
 *     source
 * @param sessionKey the session key that the destination issued to an earlier process; null for
 *     none
 * @param ownershipLog records the steps of this process
 */
public record MigrationIdentity(
    ByteString migrationId,
    int attemptsBefore,
    boolean committed,
    @Nullable SharedKey sessionKey,
    OwnershipLog ownershipLog) {
  public MigrationIdentity {
    if (migrationId.size() != Hellos.MIGRATION_ID_BYTES || attemptsBefore < 0) {
      throw new IllegalArgumentException(
          "a migration id of "
              + migrationId.size()
              + " bytes and "
              + attemptsBefore
              + " earlier attempts; expected "
              + Hellos.MIGRATION_ID_BYTES
              + " bytes and 0 or more attempts");
    }
  }

  /** A new migration that ends with this process. */
  public static MigrationIdentity ofThisProcess() {
    return ofThisProcess(new SecureRandom());
  }

  /** The same, with an id from a given source of random numbers, which must be unpredictable. */
  public static MigrationIdentity ofThisProcess(RandomGenerator random) {
    return new MigrationIdentity(newMigrationId(random), 0, false, null, OwnershipLog.NONE);
  }

  /** The same, with another log. */
  public MigrationIdentity withOwnershipLog(OwnershipLog other) {
    return new MigrationIdentity(migrationId, attemptsBefore, committed, sessionKey, other);
  }

  /** A random, unpredictable id. */
  public static ByteString newMigrationId() {
    return newMigrationId(new SecureRandom());
  }

  private static ByteString newMigrationId(RandomGenerator random) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    random.nextBytes(id);
    return ByteString.copyFrom(id);
  }
}

package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What makes a migration the same one over several source processes.
 *
 * @param migrationId {@link Hellos#MIGRATION_ID_BYTES} bytes, which the destination knows it by
 * @param attemptsBefore no connection of an earlier process had a higher number; 0 without one
 * @param committed whether an earlier process sent RUN, or was about to: the VM must not run here
 * @param sessionKey what the destination gave an earlier process to prove itself with; null for
 *     none
 * @param ownershipLog who is told how it stands
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
          "an id of " + migrationId.size() + " bytes, behind " + attemptsBefore + " attempts");
    }
  }

  /** A new migration, which ends with this process. */
  public static MigrationIdentity ofThisProcess() {
    return ofThisProcess(new SecureRandom());
  }

  /** The same, with an id of somebody's choice, which nobody else may guess. */
  public static MigrationIdentity ofThisProcess(RandomGenerator random) {
    return new MigrationIdentity(newMigrationId(random), 0, false, null, OwnershipLog.NONE);
  }

  /** The same, told to another ledger. */
  public MigrationIdentity telling(OwnershipLog other) {
    return new MigrationIdentity(migrationId, attemptsBefore, committed, sessionKey, other);
  }

  /** A random id, which nobody else knows. */
  public static ByteString newMigrationId() {
    return newMigrationId(new SecureRandom());
  }

  private static ByteString newMigrationId(RandomGenerator random) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    random.nextBytes(id);
    return ByteString.copyFrom(id);
  }
}

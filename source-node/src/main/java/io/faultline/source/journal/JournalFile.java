package io.faultline.source.journal;

import io.faultline.source.journal.state.JournalRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * The file of a journal. A new version is written next to it and renamed over it, so that after a
 * crash either the old or the new version exists. A file with a wrong checksum is refused. The
 * commit alone changes the file in place, by one store ({@link CommitMark}).
 *
 * <pre>
 *   0   8   magic: FLTLJRNL
 *   8   4   version: 2; all numbers are big endian
 *   12  4   length of the record in bytes
 *   16  4   CRC-32C of the record
 *   20  4   the commit: 0, or "RUN!" if the record is that of a migration that has committed since
 *   24      the record, journal.proto
 * </pre>
 */
final class JournalFile {
  private static final long MAGIC = 0x464c_544c_4a52_4e4cL;
  private static final int VERSION = 2;
  static final int HEADER_BYTES = 24;

  /** Where the word of {@link CommitMark} is. */
  static final long COMMIT_AT = 20;

  /** Far more than the state of 256 vCPUs needs. */
  private static final long MAX_BYTES = 256L << 20;

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private JournalFile() {}

  /**
   * Replaces the record. When this returns, the new one survives the end of this process. It may
   * not survive a crash of the machine, since guest memory does not, and without that there is
   * nothing to resume: to wait for the disk would only add to the downtime, by 1 to 15 ms for each
   * record.
   *
   * @throws IOException if either the old or the new one may survive
   */
  static void write(Path file, JournalRecord record) throws IOException {
    Path fresh = fresh(file);
    try {
      Files.deleteIfExists(fresh); // left by a process that died here
      writeFresh(fresh, record);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  private static Path fresh(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  private static IOException notWritten(Path file, IOException why) {
    IOException failure =
        new IOException("the journal " + file + " cannot be written: " + reason(why), why);
    try {
      Files.deleteIfExists(fresh(file));
    } catch (IOException left) {
      failure.addSuppressed(left);
    }
    return failure;
  }

  private static void writeFresh(Path fresh, JournalRecord record) throws IOException {
    byte[] bytes = record.toByteArray();
    ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + bytes.length);
    buffer.putLong(MAGIC).putInt(VERSION).putInt(bytes.length).putInt(checksum(bytes));
    buffer.putInt(CommitMark.OPEN).put(bytes);
    buffer.flip();
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }

  /** Removes the file. Works on a full disk, too. */
  static void delete(Path file) throws IOException {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(fresh(file));
    } catch (IOException e) {
      throw notRemoved(file, " cannot be removed: ", e);
    }
    try {
      syncDirectory(file);
    } catch (IOException e) {
      throw notRemoved(file, " was removed, but may reappear after a crash of this machine: ", e);
    }
  }

  private static IOException notRemoved(Path file, String what, IOException why) {
    String todo = "; if it exists, remove it by hand, and do not resume from it";
    return new IOException("the journal " + file + what + reason(why) + todo, why);
  }

  /**
   * Reads the record.
   *
   * @throws IOException if the file does not exist or is damaged
   */
  static JournalRecord read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw broken(file, "has " + Files.size(file) + " bytes");
    }
    byte[] all = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(all);
    if (all.length < HEADER_BYTES || buffer.getLong() != MAGIC) {
      throw broken(file, "does not start with the header of a journal");
    }
    int version = buffer.getInt();
    if (version != VERSION) {
      throw broken(file, "has version " + version + "; this build supports only " + VERSION);
    }
    int length = buffer.getInt();
    int wanted = buffer.getInt();
    int commit = buffer.getInt();
    if (length != buffer.remaining()) {
      throw broken(file, "has " + buffer.remaining() + " bytes of " + length);
    }
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    if (checksum(bytes) != wanted) {
      throw broken(file, "is damaged: its checksum is wrong");
    }
    JournalRecord record = JournalRecord.parseFrom(bytes);
    return switch (commit) {
      case CommitMark.OPEN -> record;
      case CommitMark.COMMITTED ->
          record.toBuilder().setStanding(JournalStage.COMMITTED.value()).build();
      default -> throw broken(file, "is damaged: its mark of the commit is wrong");
    };
  }

  private static IOException broken(Path file, String why) {
    return new IOException("the journal " + file + " " + why);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Syncs the directory of a file, so that a change of its name survives a crash. */
  private static void syncDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}

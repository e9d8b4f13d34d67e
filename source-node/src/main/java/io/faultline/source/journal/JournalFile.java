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
 * A journal as a file. It is written beside itself, forced to its medium and renamed, so that there
 * is the old one or the new one whatever happens; and read only if its checksum is right.
 *
 * <pre>
 *   0   8   magic: FLTLJRNL
 *   8   4   version: 1, big endian as all that follows
 *   12  4   length of the record in bytes
 *   16  4   CRC-32C of the record
 *   20      the record, journal.proto
 * </pre>
 */
final class JournalFile {
  private static final long MAGIC = 0x464c_544c_4a52_4e4cL;
  private static final int VERSION = 1;
  private static final int HEAD_BYTES = 20;

  /** Far more than the state of 256 vCPUs. */
  private static final long MOST_BYTES = 256L << 20;

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private JournalFile() {}

  /**
   * Puts a record in the place of what is there. When this returns it is found again.
   *
   * @throws IOException where it is not sure which of the two is
   */
  static void write(Path file, JournalRecord record) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh); // of a process that died just then
      writeFresh(fresh, record);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(file);
    } catch (IOException e) {
      IOException told =
          new IOException("the journal " + file + " cannot be written: " + reason(e), e);
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException left) {
        told.addSuppressed(left);
      }
      throw told;
    }
  }

  private static void writeFresh(Path fresh, JournalRecord record) throws IOException {
    byte[] bytes = record.toByteArray();
    ByteBuffer buffer = ByteBuffer.allocate(HEAD_BYTES + bytes.length);
    buffer.putLong(MAGIC).putInt(VERSION).putInt(bytes.length).putInt(checksum(bytes)).put(bytes);
    buffer.flip();
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Removes it; no room is needed for that. */
  static void delete(Path file) throws IOException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw notRemoved(file, " cannot be removed: ", e);
    }
    try {
      force(file);
    } catch (IOException e) {
      throw notRemoved(file, " was removed, and may be back when this machine starts again: ", e);
    }
  }

  private static IOException notRemoved(Path file, String what, IOException why) {
    String todo = "; remove it by hand where it is, and resume nothing from it";
    return new IOException("the journal " + file + what + reason(why) + todo, why);
  }

  /**
   * Reads it.
   *
   * @throws IOException where it is not there, or not whole, with what is wrong
   */
  static JournalRecord read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw broken(file, "has " + Files.size(file) + " bytes");
    }
    byte[] all = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(all);
    if (all.length < HEAD_BYTES || buffer.getLong() != MAGIC) {
      throw broken(file, "does not begin as a journal does");
    }
    int version = buffer.getInt();
    if (version != VERSION) {
      throw broken(file, "is of version " + version + "; this build knows " + VERSION);
    }
    int length = buffer.getInt();
    int wanted = buffer.getInt();
    if (length != buffer.remaining()) {
      throw broken(file, "has " + buffer.remaining() + " bytes of " + length);
    }
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    if (checksum(bytes) != wanted) {
      throw broken(file, "is damaged: its checksum is wrong");
    }
    return JournalRecord.parseFrom(bytes);
  }

  private static IOException broken(Path file, String why) {
    return new IOException("the journal " + file + " " + why);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The directory of a file, so that its name lasts as well. */
  private static void force(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException gone -> gone.getFile() + ": there is no such file";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}

package io.faultline.source.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The lock of the process that works on a migration. The kernel releases it when the process ends.
 * Not on the journal itself, which each write replaces, but on a file next to it.
 */
final class JournalLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private JournalLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Takes the lock; null if another process has it, or this process already does. */
  static @Nullable JournalLock take(Path journal) throws IOException {
    Path file = of(journal);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new JournalLock(file, channel);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      return null;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  /** Whether a process holds the lock now. */
  static boolean isTaken(Path journal) throws IOException {
    try (FileChannel channel = FileChannel.open(of(journal), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (NoSuchFileException e) {
      return false;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static Path of(Path journal) {
    return journal.resolveSibling(journal.getFileName() + ".lock");
  }

  /** Removes the lock file, after the journal was removed. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

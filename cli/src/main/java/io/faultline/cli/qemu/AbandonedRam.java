package io.faultline.cli.qemu;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.FileLock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Directories with the RAM of QEMUs whose process was killed, so that it could not remove them.
 * Each living process has a lock on its own one.
 */
final class AbandonedRam {
  private AbandonedRam() {}

  /**
   * Removes those of this user in the same place. What cannot be removed stays for the next time.
   *
   * @param own the directory of this process, which is locked
   */
  static void removeBeside(Path own) {
    Path place = own.getParent();
    if (place == null) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(place, RamDirectory.PREFIX + "*")) {
      for (Path each : all) {
        if (isOfSameUser(each, own) && hasFiles(each) && isUnlocked(each)) {
          RamDirectory.remove(each, isMounted(each, place), "umount", "--lazy");
        }
      }
    } catch (IOException | DirectoryIteratorException | SystemCallException e) {
      // another process may be removing the same, or the file system is read-only
    }
  }

  /** Not through a link, which another user could have made where everyone may write. */
  private static boolean isOfSameUser(Path each, Path own) throws IOException {
    return Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)
        && Files.getOwner(each, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
  }

  /** One without files is perhaps about to be locked. */
  private static boolean hasFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isPresent();
    }
  }

  private static boolean isUnlocked(Path directory) {
    FileLock lock = FileLock.take(directory);
    if (lock == null) {
      return false;
    }
    lock.close();
    return true;
  }

  private static boolean isMounted(Path directory, Path place) throws IOException {
    return !Files.getAttribute(directory, "unix:dev").equals(Files.getAttribute(place, "unix:dev"));
  }
}

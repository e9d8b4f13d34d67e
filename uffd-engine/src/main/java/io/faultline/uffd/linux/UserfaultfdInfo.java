package io.faultline.uffd.linux;

import io.faultline.uffd.Feature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/**
 * What {@code /proc/self/fdinfo/FD} says about a userfaultfd ({@code userfaultfd_show_fdinfo}):
 *
 * <pre>
 *   API:    aa:&lt;features&gt;:&lt;ioctls&gt;      in hexadecimal; bit 31 of the features: initialised
 * </pre>
 */
final class UserfaultfdInfo {
  static final String FILE = "anon_inode:[userfaultfd]";

  private static final String API = "API:";
  private static final long INITIALIZED = 1L << 31;

  private UserfaultfdInfo() {}

  /**
   * The features that were enabled with UFFDIO_API.
   *
   * @throws IllegalArgumentException if {@code fd} is not an initialised userfaultfd
   */
  static Set<Feature> features(int fd) {
    long features = mask(fd);
    if ((features & INITIALIZED) == 0) {
      throw new IllegalArgumentException(
          "userfaultfd " + fd + " is not initialised: its owner must call UFFDIO_API first");
    }
    return Feature.ofMask(features);
  }

  /**
   * Whether UFFDIO_API was called.
   *
   * @throws IllegalArgumentException if {@code fd} is not a userfaultfd
   */
  static boolean isInitialised(int fd) {
    return (mask(fd) & INITIALIZED) != 0;
  }

  private static long mask(int fd) {
    String file = FileDescriptors.describe(fd);
    if (!file.equals(FILE)) {
      throw new IllegalArgumentException(
          "descriptor " + fd + " is " + (fd < 0 ? "negative" : file) + ", not a userfaultfd");
    }
    return parse(read(fd));
  }

  /** The mask of features in the text of fdinfo. */
  static long parse(String info) {
    for (String line : info.split("\n", -1)) {
      if (line.startsWith(API)) {
        String[] fields = line.substring(API.length()).strip().split(":", -1);
        if (fields.length == 3) {
          return Long.parseUnsignedLong(fields[1], 16);
        }
      }
    }
    throw new IllegalArgumentException("no 'API: version:features:ioctls' in '" + info + "'");
  }

  private static String read(int fd) {
    Path path = Path.of("/proc/self/fdinfo/" + fd);
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("descriptor " + fd + " is not open", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

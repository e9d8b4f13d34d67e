package io.faultline.paging.store;

import io.faultline.paging.PagingException;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Properties;

/**
 * The sizes of a {@link SparseFilesStore}, in the metadata file of its directory, and the names of
 * its files.
 *
 * @param sizeBytes of the store
 * @param fileBytes of each file
 */
record SparseFilesLayout(long sizeBytes, long fileBytes) {
  static final String METADATA = "faultline-store";
  static final int MAX_FILES = 4096;

  private static final String SUFFIX = ".part";
  private static final String VERSION = "1";

  SparseFilesLayout {
    if (fileBytes <= 0 || fileBytes % StoreFile.PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "files of " + fileBytes + " bytes: must be a multiple of " + StoreFile.PAGE_BYTES);
    }
    long least = (sizeBytes - 1) / MAX_FILES + 1;
    if (sizeBytes <= 0 || fileBytes < least) {
      throw new IllegalArgumentException(
          sizeBytes
              + " bytes in files of "
              + fileBytes
              + ": must be 1 to "
              + MAX_FILES
              + " files, so make them at least "
              + roundUp(Math.max(1, least)));
    }
  }

  private static long roundUp(long bytes) {
    return (bytes + StoreFile.PAGE_BYTES - 1) / StoreFile.PAGE_BYTES * StoreFile.PAGE_BYTES;
  }

  int files() {
    return (int) ((sizeBytes - 1) / fileBytes + 1);
  }

  static Path file(Path directory, int index) {
    return directory.resolve(String.format(Locale.ROOT, "%04d", index) + SUFFIX);
  }

  /** The number of a file of the store, or -1 if the file is none. */
  int index(Path file) {
    String name = file.getFileName().toString();
    if (!name.endsWith(SUFFIX)) {
      return -1;
    }
    try {
      int index = Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
      return index >= 0 && index < files() ? index : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(METADATA));
  }

  /**
   * Reads the sizes.
   *
   * @throws PagingException if they are missing or invalid
   */
  static SparseFilesLayout read(Path directory) {
    Path file = directory.resolve(METADATA);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new PagingException(
          directory + " has no store of sparse files: " + METADATA + " cannot be read: " + e, e);
    }
    try {
      if (!VERSION.equals(properties.getProperty("version"))) {
        throw new IllegalArgumentException("version " + properties.getProperty("version"));
      }
      return new SparseFilesLayout(
          number(properties, "size_bytes"), number(properties, "file_bytes"));
    } catch (IllegalArgumentException e) {
      throw new PagingException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static long number(Properties properties, String key) {
    String value = String.valueOf(properties.getProperty(key));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " is " + value + ", not a number", e);
    }
  }

  /** Writes the sizes: after a crash they are there as a whole, or not at all. */
  void write(Path directory) throws IOException {
    String text =
        "version=" + VERSION + "\nsize_bytes=" + sizeBytes + "\nfile_bytes=" + fileBytes + "\n";
    Path unfinished = directory.resolve(METADATA + ".new");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(unfinished, directory.resolve(METADATA), StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directory);
  }

  /** Makes the names of files durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}

package io.faultline.restore.image;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads the records of an image file. Layout, little-endian:
 *
 * <pre>
 *   u32 common magic (not in an inventory) | u32 magic of the type | { u32 length | message } ...
 * </pre>
 *
 * <p>No length is believed before the file is seen to have as many bytes. Used by one thread.
 */
final class ImageReader implements Closeable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int LENGTH_BYTES = Integer.BYTES;

  private final Path file;
  private final InputStream in;
  private long leftBytes;
  private byte[] record = new byte[128];

  /**
   * @param file names the image in messages
   * @param lengthBytes of the whole file
   */
  ImageReader(Path file, InputStream in, long lengthBytes, ImageType type) throws ImageException {
    this.file = file;
    this.in = in;
    leftBytes = lengthBytes;
    checkMagic(type);
  }

  static ImageReader open(Path file, ImageType type) throws ImageException {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new ImageException(file, "is not a regular file", "give the directory of the images");
      }
      InputStream in = Files.newInputStream(file);
      try {
        InputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
        return new ImageReader(file, buffered, Files.size(file), type);
      } catch (IOException | RuntimeException e) {
        in.close();
        throw e;
      }
    } catch (ImageException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw missing(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static ImageException missing(Path file, IOException cause) {
    return new ImageException(
        file, "is missing", "copy all images of the dump to this directory first", cause);
  }

  static ImageException unreadable(Path file, IOException cause) {
    return new ImageException(
        file, "cannot be read (" + cause.getMessage() + ")", "check the file", cause);
  }

  private void checkMagic(ImageType type) throws ImageException {
    if (type.hasCommonMagic()) {
      checkMagic(ImageType.COMMON_MAGIC, type);
    }
    checkMagic(type.magic(), type);
  }

  private void checkMagic(int expected, ImageType type) throws ImageException {
    int magic = number("a magic number");
    if (magic != expected) {
      throw ImageException.damaged(
          file,
          String.format(
              "is not %s of CRIU: magic 0x%08x instead of 0x%08x",
              type.contents(), magic, expected));
    }
  }

  /** Whether there is another record. */
  boolean hasNext() {
    return leftBytes > 0;
  }

  /**
   * Reads the next record.
   *
   * @param what the record, for messages, with its article
   * @param maxBytes the longest record that makes sense
   */
  <M extends MessageLite> M next(Parser<M> parser, String what, int maxBytes)
      throws ImageException {
    int lengthBytes = number("the length of " + what);
    if (lengthBytes < 0 || lengthBytes > maxBytes) {
      throw ImageException.damaged(
          file, what + " of " + Integer.toUnsignedString(lengthBytes) + " bytes");
    }
    read(lengthBytes, what);
    try {
      return parser.parseFrom(record, 0, lengthBytes);
    } catch (InvalidProtocolBufferException e) {
      throw new ImageException(
          file, what + " is not valid (" + e.getMessage() + ")", ImageException.COPY_AGAIN, e);
    }
  }

  private int number(String what) throws ImageException {
    read(LENGTH_BYTES, what);
    return (record[0] & 0xff)
        | (record[1] & 0xff) << 8
        | (record[2] & 0xff) << 16
        | (record[3] & 0xff) << 24;
  }

  /** Reads bytes to the start of {@link #record}. */
  private void read(int lengthBytes, String what) throws ImageException {
    if (lengthBytes > leftBytes) {
      throw ImageException.damaged(file, "is truncated within " + what);
    }
    if (record.length < lengthBytes) {
      record = new byte[lengthBytes];
    }
    try {
      if (in.readNBytes(record, 0, lengthBytes) < lengthBytes) {
        throw ImageException.damaged(file, "is truncated within " + what);
      }
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    leftBytes -= lengthBytes;
  }

  @Override
  public void close() throws ImageException {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}

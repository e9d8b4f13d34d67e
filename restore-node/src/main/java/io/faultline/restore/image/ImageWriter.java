package io.faultline.restore.image;

import com.google.protobuf.MessageLite;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes an image file of records; the reverse of {@link ImageReader}. Used by one thread. */
final class ImageWriter implements Closeable {
  private final FileChannel channel;
  private final OutputStream out;

  private ImageWriter(FileChannel channel) {
    this.channel = channel;
    out = new BufferedOutputStream(Channels.newOutputStream(channel));
  }

  /** Creates the file, or replaces one of the same name. */
  static ImageWriter create(Path file, ImageType type) throws IOException {
    ImageWriter writer =
        new ImageWriter(
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS));
    try {
      if (type.hasCommonMagic()) {
        writer.number(ImageType.COMMON_MAGIC);
      }
      writer.number(type.magic());
      return writer;
    } catch (IOException e) {
      writer.channel.close();
      throw e;
    }
  }

  void add(MessageLite message) throws IOException {
    byte[] bytes = message.toByteArray();
    number(bytes.length);
    out.write(bytes);
  }

  private void number(int value) throws IOException {
    out.write(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  /** Writes everything to the disk. */
  void force() throws IOException {
    out.flush();
    channel.force(true);
  }

  /** Writes what is buffered. */
  @Override
  public void close() throws IOException {
    try {
      out.flush();
    } finally {
      channel.close();
    }
  }
}

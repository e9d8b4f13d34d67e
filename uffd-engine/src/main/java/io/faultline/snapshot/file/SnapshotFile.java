package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot, opened for reading. Opening it checks everything but the data: header, state, index
 * and trailer by their checksums, and that all they say is within the file. {@link SnapshotReader}s
 * check the data as they read it. The snapshots that it is based on are opened with it.
 *
 * <p>Immutable, thread-safe, except {@link #close}. An interrupt of a thread that reads closes the
 * file, as for every {@link FileChannel}.
 */
public final class SnapshotFile implements AutoCloseable {
  /** Room for an index of 1 TiB in single pages is more than one array holds. */
  private static final long MAX_SECTION_BYTES = Integer.MAX_VALUE;

  private static final int CHUNK = DataChecksums.CHUNK_BYTES;

  private final Path path;
  private final FileChannel channel;
  private final SnapshotHeader header;
  private final SnapshotTrailer trailer;
  private final SnapshotVm vm;
  private final IndexSection index;
  private final long @Nullable [] chunkStarts;

  /** This one, and below it all bases; only this one until they are opened. */
  private List<SnapshotFile> layers = List.of(this);

  private SnapshotFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    long size = channel.size();
    if (size < SnapshotHeader.SIZE_BYTES + SnapshotTrailer.SIZE_BYTES) {
      throw SnapshotException.damaged(path, "it has " + size + " bytes");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = section(arena, "header", 0, SnapshotHeader.SIZE_BYTES);
      this.header = SnapshotHeader.decode(path, little(head));
      long tailAt = size - SnapshotTrailer.SIZE_BYTES;
      MemorySegment tail = section(arena, "trailer", tailAt, SnapshotTrailer.SIZE_BYTES);
      this.trailer = SnapshotTrailer.decode(path, little(tail), header.id(), size);
      MemorySegment state =
          section(arena, "state", SnapshotHeader.SIZE_BYTES, trailer.stateBytes());
      requireChecksum("state", state, trailer.stateChecksum());
      this.vm = StateSection.decode(path, little(state), header);
      MemorySegment words = section(arena, "index", trailer.indexOffset(), trailer.indexBytes());
      requireChecksum("index", words, trailer.indexChecksum());
      this.index = IndexSection.decode(path, words, vm, header, trailer);
      this.chunkStarts = index.chunkStarts();
    }
  }

  /**
   * Opens a snapshot, and all snapshots that it is based on.
   *
   * @throws SnapshotException if there is none, or it or one of its bases is missing or not whole:
   *     the message says what is wrong
   * @throws IOException if it cannot be read
   */
  public static SnapshotFile open(Path path) throws IOException {
    List<SnapshotFile> all = Layers.open(path);
    SnapshotFile top = all.getFirst();
    top.layers = List.copyOf(all);
    return top;
  }

  /** The id of a whole snapshot. */
  static SnapshotId idOf(Path path) throws IOException {
    SnapshotFile file = openAlone(path);
    file.closeAlone();
    return file.id();
  }

  /** Opens a snapshot without its bases. */
  static SnapshotFile openAlone(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new SnapshotException(path + " is a directory: name a snapshot");
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new SnapshotException(path + " does not exist: name a snapshot", e);
    }
    try {
      return new SnapshotFile(path, channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private MemorySegment section(Arena arena, String name, long offset, long bytes)
      throws IOException {
    if (bytes > MAX_SECTION_BYTES) {
      throw SnapshotException.damaged(path, "its " + name + " has " + bytes + " bytes");
    }
    MemorySegment to = arena.allocate(bytes, Long.BYTES);
    readFully(offset, to);
    return to;
  }

  private void requireChecksum(String name, MemorySegment section, int wanted) {
    if (Checksum.of(section) != wanted) {
      throw SnapshotException.damaged(path, "the checksum of its " + name + " is wrong");
    }
  }

  private static ByteBuffer little(MemorySegment section) {
    return section.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  public Path path() {
    return path;
  }

  public SnapshotId id() {
    return header.id();
  }

  /** The snapshot that has the pages of runs {@link PageRuns#IN_BASE}. */
  public Optional<SnapshotBase> base() {
    return Optional.ofNullable(header.base());
  }

  /** The size of the pages of the index, in bytes. */
  public int pageBytes() {
    return header.pageBytes();
  }

  /** The VM: type, configuration, regions, device state. */
  public SnapshotVm vm() {
    return vm;
  }

  /** This snapshot, then its base, then that of its base, down to the one without a base. */
  public List<SnapshotFile> layers() {
    return layers;
  }

  /**
   * Where the pages of a region are, in this file and its bases.
   *
   * @param region the index of the region in {@link SnapshotVm#regions}
   */
  public LayeredRuns layeredRuns(int region) {
    List<PageRuns> runs = layers.stream().map(layer -> layer.runs(region)).toList();
    return LayeredRuns.of(runs, pageBytes());
  }

  /**
   * Where the pages of a region are, as far as this file knows.
   *
   * @param region the index of the region in {@link SnapshotVm#regions}
   */
  public PageRuns runs(int region) {
    return index.regions().get(region);
  }

  /** The bytes of memory contents in the file: pages that are neither zero nor in the base. */
  public long dataBytes() {
    return trailer.dataBytes();
  }

  /** Where the data begins: the first byte of the first 64 KiB with a checksum. */
  public long dataOffset() {
    return trailer.dataOffset();
  }

  /** How the data is stored. */
  public DataEncoding encoding() {
    return trailer.encoding();
  }

  /**
   * Where data begins in the file: at its own offset, or, if it is compressed, at the beginning of
   * what has it.
   *
   * @param fileOffset within the data, as {@link PageRuns#fileOffset} says
   */
  public long storedStart(long fileOffset) {
    return chunkStarts == null ? fileOffset : chunkStart((fileOffset - dataOffset()) / CHUNK);
  }

  /** Where the data before an offset ends in the file, as {@link #storedStart}. */
  public long storedEnd(long fileOffset) {
    return chunkStarts == null
        ? fileOffset
        : chunkStart((fileOffset - dataOffset() + CHUNK - 1) / CHUNK);
  }

  private long chunkStart(long chunk) {
    return dataOffset() + Objects.requireNonNull(chunkStarts)[Math.toIntExact(chunk)];
  }

  /** The bytes that a chunk takes in the file. */
  int storedSize(long chunk) {
    return index.storedSizes()[Math.toIntExact(chunk)];
  }

  int checksum(long chunk) {
    return index.checksums()[Math.toIntExact(chunk)];
  }

  /** Reads all of a range. */
  void readFully(long offset, MemorySegment to) throws IOException {
    ByteBuffer buffer = to.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw SnapshotException.damaged(
            path, "it ends at " + channel.size() + ", within a read at " + offset);
      }
    }
  }

  /** Closes it and its bases. */
  @Override
  public void close() throws IOException {
    for (SnapshotFile layer : layers) {
      layer.closeAlone();
    }
  }

  void closeAlone() throws IOException {
    channel.close();
  }
}

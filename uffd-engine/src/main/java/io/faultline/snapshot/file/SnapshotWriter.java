package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes one snapshot: {@link #create} before the VM is paused, {@link #begin} with its state, then
 * {@link #append} data and {@link #place} every page of every region once, in any order, then
 * {@link #finish}. Closed before that, it leaves no file.
 *
 * <p>Confined to one thread at a time. An {@link IOException} of a write names the file, the offset
 * and the errno; close the writer then.
 */
public final class SnapshotWriter implements AutoCloseable {
  private final FreshFile file;
  private final int pageBytes;
  private final DataEncoding encoding;
  private final SnapshotCodecs codecs;
  private final SnapshotId id = SnapshotId.random();
  private final DataChecksums checksums = new DataChecksums();
  private final List<RunLog> logs = new ArrayList<>();
  private long dataOffset;
  private @Nullable DataSection data;
  private long end;
  private long fileBytes;
  private int stateChecksum;
  private boolean finished;

  private SnapshotWriter(
      FreshFile file, int pageBytes, DataEncoding encoding, SnapshotCodecs codecs) {
    this.file = file;
    this.pageBytes = pageBytes;
    this.encoding = encoding;
    this.codecs = codecs;
  }

  /**
   * Creates {@code NAME.new} beside the file, which is replaced only by {@link #finish}.
   *
   * @param pageBytes the size of a base page
   * @throws SnapshotException if it cannot be created, or another snapshot writes it now
   */
  public static SnapshotWriter create(Path file, int pageBytes) {
    return create(file, pageBytes, DataEncoding.PLAIN, SnapshotCodecs.NONE);
  }

  /**
   * As {@link #create(Path, int)}, with data that is compressed.
   *
   * @param codecs where the codec comes from
   */
  public static SnapshotWriter create(
      Path file, int pageBytes, DataEncoding encoding, SnapshotCodecs codecs) {
    return new SnapshotWriter(FreshFile.create(file), pageBytes, encoding, codecs);
  }

  /** Writes the header and the state. */
  public void begin(SnapshotVm vm) throws IOException {
    begin(vm, null);
  }

  /**
   * Writes the header and the state.
   *
   * @param base of the pages that will be placed at {@link PageRuns#IN_BASE}; null if none
   */
  public void begin(SnapshotVm vm, @Nullable SnapshotBase base) throws IOException {
    if (!logs.isEmpty()) {
      throw new IllegalStateException("the snapshot has begun");
    }
    for (SnapshotRegion region : vm.regions()) {
      logs.add(new RunLog(region.name(), region.sizeBytes() / pageBytes, pageBytes));
    }
    write(0, new SnapshotHeader(pageBytes, vm.memoryBytes(), id, base).encode());
    ByteBuffer state = StateSection.encode(vm);
    stateChecksum = Checksum.of(state);
    write(SnapshotHeader.SIZE_BYTES, state);
    dataOffset = (long) SnapshotHeader.SIZE_BYTES + state.capacity();
    end = dataOffset;
    data =
        encoding == DataEncoding.PLAIN
            ? new PlainData(file, dataOffset)
            : new CompressedData(file, dataOffset, codecs.open(encoding));
  }

  /** Identifies this snapshot. */
  public SnapshotId id() {
    return id;
  }

  /** The file that there will be. */
  public Path path() {
    return file.place();
  }

  /**
   * Appends pages. Their place in memory is told by {@link #place}.
   *
   * @param pages native memory, a multiple of the base page; past the page cache if its address is
   *     a multiple of 4096
   * @return their offset, from which the data begins in the file on; of compressed data before it
   *     was compressed
   */
  public long append(MemorySegment pages) throws IOException {
    if (data == null || pages.byteSize() % pageBytes != 0) {
      throw new IllegalArgumentException("append of " + pages.byteSize() + " bytes before begin()");
    }
    long offset = end;
    data.append(pages);
    checksums.append(pages);
    end = offset + pages.byteSize();
    return offset;
  }

  /**
   * Records where pages are.
   *
   * @param region the index of the region in {@link SnapshotVm#regions}
   * @param fileOffset of the first of them: what {@link #append} returned plus a multiple of the
   *     page size; or {@link PageRuns#ZERO} or {@link PageRuns#IN_BASE}
   */
  public void place(int region, long firstPage, long pages, long fileOffset) {
    logs.get(region).add(firstPage, pages, fileOffset);
  }

  /** The size of the file so far, in bytes. */
  public long sizeBytes() {
    return finished ? fileBytes : data == null ? 0 : dataOffset + data.storedBytes();
  }

  /**
   * Writes index and trailer, makes all of it durable and gives the file its name.
   *
   * @throws IllegalStateException if a page has no place, or two
   */
  public void finish() throws IOException {
    if (finished || data == null) {
      throw new IllegalStateException("the snapshot is finished, or was not begun");
    }
    List<PageRuns> runs = logs.stream().map(RunLog::sorted).toList();
    data.finish();
    try (Arena arena = Arena.ofConfined()) {
      int[] sizes = data.storedSizes();
      MemorySegment index = new IndexSection(runs, checksums.finish(), sizes).encode(arena);
      SnapshotTrailer trailer =
          new SnapshotTrailer(
              id,
              dataOffset - SnapshotHeader.SIZE_BYTES,
              end - dataOffset,
              data.storedBytes(),
              index.byteSize(),
              encoding,
              stateChecksum,
              Checksum.of(index));
      file.write(trailer.indexOffset(), index.address(), index.byteSize());
      long trailerOffset = trailer.indexOffset() + index.byteSize();
      write(trailerOffset, trailer.encode());
      fileBytes = trailerOffset + SnapshotTrailer.SIZE_BYTES;
    }
    file.publish();
    finished = true;
  }

  private void write(long offset, ByteBuffer bytes) throws IOException {
    file.write(offset, MemorySegment.ofBuffer(bytes).address(), bytes.remaining());
  }

  /** Removes an unfinished file. Idempotent. */
  @Override
  public void close() throws IOException {
    if (data != null) {
      data.close();
      data = null;
    }
    file.close();
  }
}

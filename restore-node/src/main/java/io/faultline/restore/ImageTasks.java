package io.faultline.restore;

import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The tasks of an image directory, each read once. Thread-safe. */
public final class ImageTasks implements DumpedTasks {
  private final Path directory;
  private final Map<Integer, TaskImage> tasks = new ConcurrentHashMap<>();
  private volatile @Nullable ImageDirectory images;

  /**
   * @param directory may be empty until it is opened
   */
  public ImageTasks(Path directory) {
    this.directory = directory;
  }

  /** Reads what all processes share, unless that was done. */
  @Override
  public void open() throws IOException {
    if (images == null) {
      images = ImageDirectory.open(directory);
    }
  }

  /** Opens, and reads the images of each process, so that this need not be done later. */
  public void readAll() throws IOException {
    open();
    for (int pid : processes()) {
      if (opened().hasMemory(pid)) {
        read(pid);
      }
    }
  }

  /**
   * The layout of the page server's headers, which is that of the CRIU that wrote the images.
   *
   * @throws IOException if images are damaged
   */
  public PageServerHeader header() throws IOException {
    for (int pid : processes()) {
      if (opened().hasMemory(pid)) {
        return read(pid).isWide() ? PageServerHeader.WIDE : PageServerHeader.NARROW;
      }
    }
    return PageServerHeader.WIDE;
  }

  @Override
  public Set<Integer> processes() {
    return opened().processes();
  }

  @Override
  public DumpLayout layout(int pid) throws IOException {
    return read(pid).layout();
  }

  private TaskImage read(int pid) throws IOException {
    TaskImage known = tasks.get(pid);
    if (known != null) {
      return known;
    }
    TaskImage task = opened().task(pid);
    tasks.put(pid, task);
    return task;
  }

  private ImageDirectory opened() {
    ImageDirectory opened = images;
    if (opened == null) {
      throw new IllegalStateException("the images in " + directory + " are not open");
    }
    return opened;
  }

  /**
   * The images of a process whose {@link #layout} was asked for.
   *
   * @throws IllegalStateException if it was not
   */
  public TaskImage image(int pid) {
    TaskImage task = tasks.get(pid);
    if (task == null) {
      throw new IllegalStateException("the images of process " + pid + " were not read");
    }
    return task;
  }
}

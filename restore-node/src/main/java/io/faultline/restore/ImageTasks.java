package io.faultline.restore;

import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.space.DumpLayout;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The tasks of an image directory, each read once. Thread-safe. */
public final class ImageTasks implements DumpedTasks {
  private final ImageDirectory images;
  private final Map<Integer, TaskImage> tasks = new ConcurrentHashMap<>();

  public ImageTasks(ImageDirectory images) {
    this.images = images;
  }

  @Override
  public Set<Integer> processes() {
    return images.processes();
  }

  @Override
  public DumpLayout layout(int pid) throws IOException {
    TaskImage task = images.task(pid);
    tasks.put(pid, task);
    return task.layout();
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

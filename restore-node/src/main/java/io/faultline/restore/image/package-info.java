/** CRIU's image files: reading and writing them. */
@NullMarked
package io.faultline.restore.image;

import org.jspecify.annotations.NullMarked;

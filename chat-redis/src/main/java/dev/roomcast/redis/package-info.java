/** The backend on Redis. */
@NullMarked
package dev.roomcast.redis;

import org.jspecify.annotations.NullMarked;

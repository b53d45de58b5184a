SELECT `trace_index`.`trace_id`, cityHash64(`trace_index`.`trace_id`) AS `hash`, toUnixTimestamp64Nano(`trace_index`.`first_start`) AS `first_ns`, toUnixTimestamp64Nano(`trace_index`.`last_start`) AS `last_ns`
FROM `trace_index`
WHERE `trace_index`.`project` = {project:String} AND (cityHash64(`trace_index`.`trace_id`) IN {hashes:Array(UInt64)})
 LIMIT {rows:UInt64}

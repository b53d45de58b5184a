SELECT toUnixTimestamp(min(`newest`.`minute`)) AS `minute_s`, count(*) AS `found`
FROM (SELECT toStartOfMinute(`spans`.`start_time`) AS `minute`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`app` = {app:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') ORDER BY toStartOfMinute(`spans`.`start_time`) DESC
 LIMIT {spans:UInt64}) AS `newest`
 LIMIT {param_1:Int32}

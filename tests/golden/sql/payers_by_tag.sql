SELECT `spans`.`app`, `spans`.`environment`, arraySort(arrayIntersect(`spans`.`tags`, {payer_tags:Array(String)})) AS `own_tags`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') GROUP BY `spans`.`app`, `spans`.`environment`, own_tags
 LIMIT {rows:UInt64}

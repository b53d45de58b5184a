SELECT `spans`.`trace_id`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`user` = {user_1:String} GROUP BY `spans`.`trace_id`
 LIMIT {traces:UInt64}
